//! Arguments -> command -> exit code. Nothing else.

fn main() {}
