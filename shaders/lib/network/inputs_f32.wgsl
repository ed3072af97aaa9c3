// The inputs of a layer (inputs.wgsl): observations of f32 numbers, the channels of a pixel right behind those of the last one.
//#import "channels"

@group(0) @binding(7) var<storage, read> inputs: array<f32>;

struct InputPlace {
  entry: u32,
  channels: vec4<bool>,   // those that the pixel has
}

const PIXEL_VECS = (CHANNELS + 3u) / 4u;

fn input_place(vec: u32) -> InputPlace {
  let first = 4u * (vec % PIXEL_VECS);
  return InputPlace(vec / PIXEL_VECS * CHANNELS + first, first + vec4u(0u, 1u, 2u, 3u) < vec4u(CHANNELS));
}

fn place_after(place: InputPlace, pixels: u32, vecs: u32) -> InputPlace {
  return InputPlace(place.entry + pixels * CHANNELS, place.channels);
}

fn input_at(row: u32, place: InputPlace) -> vec4f {
  let at = 4u * row + place.entry;
  let x = vec4f(inputs[at], inputs[at + 1u], inputs[at + 2u], inputs[at + 3u]);
  return select(vec4f(), x, place.channels);
}
