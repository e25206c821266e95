//! Talks with open ports, on a thread of their own beside the scan's: sockets, readiness and time for whoever knows what to say. Every connection
//! passes the same gate as the scan's, keeps to the caps that were set aside for it, and ends in order.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, unbounded};
use mio::Waker;
use picaporte_core::Address;
use picaporte_core::pace::Shares;
use picaporte_core::talk::Talk;

use crate::error::{EngineError, Needed};
use crate::running::{Network, check};
use desk::Desk;

mod desk;
mod line;
#[cfg(test)]
mod tests;

/// A talk that is over, as it was given.
#[derive(Debug)]
pub struct Told<T> {
    /// The host.
    pub address: Address,
    /// Its port.
    pub port: u16,
    /// Whoever talked, and knows now what there is to know. Not [done](picaporte_core::talk::Step::Done) where it was stopped.
    pub talk: T,
}

/// What the thread is told.
enum Order<T> {
    Talk(Told<T>),
    HostDone(Address),
    ScanOver,
    /// Every talk is given back as it is, and so is any that comes.
    Stop,
}

/// Talks under way. Dropping it ends them at once; connections that stand are closed in order all the same, within 1 s.
#[derive(Debug)]
pub struct Talks<T> {
    orders: Sender<Order<T>>,
    told: Receiver<Told<T>>,
    waker: Waker,
    quit: Arc<AtomicBool>,
    connections: Arc<AtomicU64>,
    thread: Option<JoinHandle<()>>,
}

/// Makes ready to talk; nothing is sent before the first [`Talks::begin`].
///
/// # Errors
/// When the system refuses a poll for readiness or a thread, the source or interface can't be used, or the scope does not hold now.
pub fn talks<T: Talk + Send + 'static>(
    network: &Network,
    shares: Shares,
) -> Result<Talks<T>, EngineError> {
    check(network)?;
    let system = |needed| move |error| EngineError::System { needed, error };
    let (orders, for_desk) = unbounded();
    let (telling, told) = unbounded();
    let (quit, connections) = (Arc::<AtomicBool>::default(), Arc::default());
    let desk = Desk::new(network, shares, telling, Arc::clone(&connections))
        .map_err(system(Needed::Readiness))?;
    let waker = desk.waker().map_err(system(Needed::Readiness))?;
    let quits = Arc::clone(&quit);
    let thread = std::thread::Builder::new()
        .name("talks".into())
        .spawn(move || desk.run(&for_desk, &quits))
        .map_err(system(Needed::Thread))?;
    Ok(Talks {
        orders,
        told,
        waker,
        quit,
        connections,
        thread: Some(thread),
    })
}

impl<T> Talks<T> {
    /// Begins a talk with an open port.
    pub fn begin(&self, address: Address, port: u16, talk: T) {
        self.order(Order::Talk(Told {
            address,
            port,
            talk,
        }));
    }

    /// The scan asks nothing of this host any more, and all of its ports have begun to talk.
    pub fn host_done(&self, address: Address) {
        self.order(Order::HostDone(address));
    }

    /// The scan is over: its caps are the talks' now.
    pub fn scan_over(&self) {
        self.order(Order::ScanOver);
    }

    /// Gives back every talk as it is; none is begun any more.
    pub fn stop(&self) {
        self.order(Order::Stop);
    }

    /// The next talk that is over, without waiting.
    pub fn told(&self) -> Option<Told<T>> {
        self.told.try_recv().ok()
    }

    /// The next talk that is over, waiting at most this long.
    pub fn told_within(&self, wait: std::time::Duration) -> Option<Told<T>> {
        self.told.recv_timeout(wait).ok()
    }

    /// Connections that were begun so far, those that came to nothing too.
    pub fn connections(&self) -> u64 {
        self.connections.load(Ordering::Relaxed)
    }

    fn order(&self, order: Order<T>) {
        // Of a thread that is gone nothing comes back: see `is_gone`.
        let _ = self.orders.send(order);
        let _ = self.waker.wake();
    }

    /// Whether the thread is gone, be it by a fault: what it had not given back will never come.
    pub fn is_gone(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Ends them, and waits until the last connection is closed in order: 1 s at most.
    pub fn finish(mut self) {
        self.leave();
        if let Some(thread) = self.thread.take() {
            // A fault in it has been told on standard error already.
            let _ = thread.join();
        }
    }

    fn leave(&self) {
        self.quit.store(true, Ordering::Relaxed);
        let _ = self.waker.wake();
    }
}

impl<T> Drop for Talks<T> {
    fn drop(&mut self) {
        self.leave();
    }
}
