// The slot `mask` for environments where every choice is always allowed.
fn store_mask(at: u32, record: u32) {}
