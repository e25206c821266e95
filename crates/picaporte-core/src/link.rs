//! Lists threaded through a slab by index: a member joins, leaves and is found first, all in O(1).

/// No member.
pub const NONE: u32 = u32::MAX;

/// The ends of one list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct List {
    head: u32,
    tail: u32,
}

impl Default for List {
    fn default() -> Self {
        Self {
            head: NONE,
            tail: NONE,
        }
    }
}

impl List {
    /// The member that joined first.
    pub fn first(&self) -> Option<u32> {
        (self.head != NONE).then_some(self.head)
    }
}

/// The neighbours of every member of a slab; each member is in at most one list per `Links`.
#[derive(Clone, Debug, Default)]
pub struct Links {
    ends: Vec<(u32, u32)>,
}

impl Links {
    /// Adds `id` at the end of `list`. It must be in no list of these links.
    pub fn push(&mut self, list: &mut List, id: u32) {
        if self.ends.len() <= id as usize {
            self.ends.resize(id as usize + 1, (NONE, NONE));
        }
        self.ends[id as usize] = (list.tail, NONE);
        match list.tail {
            NONE => list.head = id,
            tail => self.ends[tail as usize].1 = id,
        }
        list.tail = id;
    }

    /// Takes `id` out of `list`, which must hold it.
    pub fn remove(&mut self, list: &mut List, id: u32) {
        let (prev, next) = self.ends[id as usize];
        match prev {
            NONE => list.head = next,
            prev => self.ends[prev as usize].1 = next,
        }
        match next {
            NONE => list.tail = prev,
            next => self.ends[next as usize].0 = prev,
        }
    }

    /// The member after `id` in its list.
    pub fn next(&self, id: u32) -> Option<u32> {
        let next = self.ends[id as usize].1;
        (next != NONE).then_some(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_order_through_removal() {
        let (mut links, mut list) = (Links::default(), List::default());
        for id in [5, 1, 3, 0] {
            links.push(&mut list, id);
        }
        links.remove(&mut list, 3);
        links.remove(&mut list, 5);
        links.push(&mut list, 3);
        let mut seen = Vec::new();
        let mut at = list.first();
        while let Some(id) = at {
            seen.push(id);
            at = links.next(id);
        }
        assert_eq!(seen, [1, 0, 3]);
        for id in seen {
            links.remove(&mut list, id);
        }
        assert_eq!(list, List::default());
    }
}
