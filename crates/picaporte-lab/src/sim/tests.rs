//! The simulated world against the rules that it claims to follow: packets in, packets out, no device.
