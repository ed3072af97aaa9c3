// The inputs of a layer (inputs.wgsl): observations of bits. Entry k of a row is bit k & 31 of word k >> 5.
//#import "channels"

@group(0) @binding(7) var<storage, read> inputs: array<u32>;

struct InputPlace {
  entry: u32,
  channels: u32,          // a bit for each that the pixel has
}

const PIXEL_VECS = (CHANNELS + 3u) / 4u;
// Whether four channels may lie in two words.
const IN_TWO_WORDS = CHANNELS % 4u != 0u;

fn input_place(vec: u32) -> InputPlace {
  if (!IN_TWO_WORDS) { return InputPlace(4u * vec, 15u); }
  let first = 4u * (vec % PIXEL_VECS);
  return InputPlace(vec / PIXEL_VECS * CHANNELS + first, (1u << min(4u, CHANNELS - first)) - 1u);
}

fn place_after(place: InputPlace, pixels: u32, vecs: u32) -> InputPlace {
  return InputPlace(place.entry + pixels * CHANNELS, place.channels);
}

fn input_at(row: u32, place: InputPlace) -> vec4f {
  let word = 4u * row + (place.entry >> 5u);
  let shift = place.entry & 31u;
  var bits = inputs[word] >> shift;
  if (IN_TWO_WORDS) { bits |= (inputs[word + 1u] << 1u) << (31u - shift); }
  return vec4f((vec4u(bits & place.channels) >> vec4u(0u, 1u, 2u, 3u)) & vec4u(1u));
}
