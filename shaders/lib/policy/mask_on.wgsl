// The slot `mask` for environments with env_mask: packs 24 of its entries into each float of the record; any entry but
// 0 allows its choice.
// Needs from the importer: transitions: array<f32>, read_write; env_states.
//#import "env"
//#import "shaders/lib/data/transition.wgsl"

fn store_mask(at: u32, record: u32) {
  var entries = env_mask(env_states[at]);
  for (var word = 0u; word < MASK_WORDS; word++) {
    var bits = 0u;
    for (var i = word * MASK_BITS; i < min((word + 1u) * MASK_BITS, ACTION_DIM); i++) {
      bits |= select(0u, 1u, entries[i] != 0u) << (i % MASK_BITS);
    }
    transitions[record + AT_MASK + word] = f32(bits);
  }
}
