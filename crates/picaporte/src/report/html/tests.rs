//! The page as bytes, and as a parser of its own (html5gum) sees it.
