//! What two sets of ports have in common. Linear in their ranges.

use picaporte_core::PortSet;

/// The ports that are in both.
pub(crate) fn common(a: &PortSet, b: &PortSet) -> PortSet {
    if a.is_empty() || b.is_empty() {
        return PortSet::empty();
    }
    a.minus(&a.minus(b))
}
