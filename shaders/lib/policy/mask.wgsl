// Which choices of a discrete action are allowed: bits, 24 to a number, because a float holds every whole number of 24
// bits and any 32 bits may be a NaN. Without masks (MASKED false) all is allowed and nothing is stored.
//#import "shape"

const MASK_BITS = 24u;
const MASK_WORDS = select(0u, (ACTION_DIM + 23u) / 24u, MASKED);

alias Mask = array<u32, max(MASK_WORDS, 1u)>;

fn allowed(mask: Mask, i: u32) -> bool {
  if (!MASKED) { return true; }
  return allowed_by(mask[i / MASK_BITS], i);
}

// The same of the number of the mask that holds choice `i`.
fn allowed_by(word: u32, i: u32) -> bool { return ((word >> (i % MASK_BITS)) & 1u) != 0u; }
