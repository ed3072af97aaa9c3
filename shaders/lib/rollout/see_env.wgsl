// Stores what the policy sees of an environment in its record: the observation, and with masks the allowed choices.
// The observation comes by its pointer: compilers take long over copies of long arrays.
// Needs from the importer: transitions: array<f32>, read_write; env_states, where the environment has index `at`.
//#import "shaders/lib/data/transition.wgsl"
//#import "env"
//#import "mask"

fn store_sight(obs: ptr<function, array<f32, OBS_DIM>>, at: u32, record: u32) {
  for (var i = 0u; i < OBS_DIM; i++) { transitions[record + AT_OBS + i] = (*obs)[i]; }
  store_mask(at, record);
}
