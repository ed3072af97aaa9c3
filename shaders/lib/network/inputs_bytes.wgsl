// The inputs of a layer (inputs.wgsl): observations of bytes, seen as byte / 255. Entry k of a row is byte k & 3 of word k >> 2,
// little-endian.
//#import "channels"

@group(0) @binding(7) var<storage, read> inputs: array<u32>;

struct InputPlace {
  entry: u32,
  channels: u32,          // a byte of ones for each that the pixel has
}

const PIXEL_VECS = (CHANNELS + 3u) / 4u;
// Whether four channels may lie in two words.
const IN_TWO_WORDS = CHANNELS % 4u != 0u;

fn input_place(vec: u32) -> InputPlace {
  if (!IN_TWO_WORDS) { return InputPlace(4u * vec, 0xffffffffu); }
  let first = 4u * (vec % PIXEL_VECS);
  let count = min(4u, CHANNELS - first);
  return InputPlace(vec / PIXEL_VECS * CHANNELS + first, 0xffffffffu >> (32u - 8u * count));
}

fn place_after(place: InputPlace, pixels: u32, vecs: u32) -> InputPlace {
  return InputPlace(place.entry + pixels * CHANNELS, place.channels);
}

fn input_at(row: u32, place: InputPlace) -> vec4f {
  let word = 4u * row + (place.entry >> 2u);
  var bytes = inputs[word];
  if (IN_TWO_WORDS) {
    let shift = 8u * (place.entry & 3u);
    bytes = (bytes >> shift) | ((inputs[word + 1u] << 1u) << (31u - shift));
  }
  return unpack4x8unorm(bytes & place.channels);
}
