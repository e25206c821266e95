//! Patterns mean what PCRE says they mean, on either engine.

mod sample;

use super::*;
