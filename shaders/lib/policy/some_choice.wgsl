// Whether the mask of a record allows at least one choice in every part of the action.
// Needs from the importer: transitions: array<f32>.
//#import "shaders/lib/data/transition.wgsl"
//#import "shaders/lib/policy/parts.wgsl"

fn some_choice(record: u32) -> bool {
  if (!MASKED) { return true; }
  for (var part = 0u; part < PARTS; part++) {
    var any = false;
    for (var i = part_first(part); i < part_end(part); i++) {
      any = any || allowed_by(u32(transitions[record + AT_MASK + i / MASK_BITS]), i);
    }
    if (!any) { return false; }
  }
  return true;
}
