// Which choices of a discrete action are allowed: bits, 24 per float, because a float holds every integer of 24 bits
// exactly, and 32 arbitrary bits may be a NaN. Without masks (MASKED false) everything is allowed and nothing is
// stored.
//#import "shape"

const MASK_BITS = 24u;
const MASK_WORDS = select(0u, (ACTION_DIM + 23u) / 24u, MASKED);

alias Mask = array<u32, max(MASK_WORDS, 1u)>;

fn allowed(mask: Mask, i: u32) -> bool {
  if (!MASKED) { return true; }
  return allowed_by(mask[i / MASK_BITS], i);
}

// The same, from the float of the mask that holds choice `i`.
fn allowed_by(word: u32, i: u32) -> bool { return ((word >> (i % MASK_BITS)) & 1u) != 0u; }
