// The inputs of a layer, vec4 by vec4: those of a hidden layer, whose pixels are padded to whole vec4s, or any rows that are
// laid out like that. For the first layer of a network another module of this name is linked in its place, where the
// observations are stored in another way: inputs_f32.wgsl, inputs_bits.wgsl, inputs_bytes.wgsl (src/plan/kernels.ts).
@group(0) @binding(7) var<storage, read> inputs: array<vec4f>;

alias InputPlace = u32;

// Where vec4 number `vec` of a row is: vec4s are counted pixel by pixel, each pixel has whole ones.
fn input_place(vec: u32) -> InputPlace { return vec; }

// The same vec4 of the pixel `pixels` further, of `vecs` vec4s each.
fn place_after(place: InputPlace, pixels: u32, vecs: u32) -> InputPlace { return place + pixels * vecs; }

// That vec4 of the row at `row`, in steps of 16 bytes. Channels that a pixel does not have are 0.
fn input_at(row: u32, place: InputPlace) -> vec4f { return inputs[row + place]; }
