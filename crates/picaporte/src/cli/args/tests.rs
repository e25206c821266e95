//! What is written for clap makes sense.

use clap::CommandFactory as _;

use super::*;

#[test]
fn the_definition_is_sound() {
    Args::command().debug_assert();
}
