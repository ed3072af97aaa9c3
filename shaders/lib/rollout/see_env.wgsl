// Stores what the networks see of an environment in its record: the newest frame of the observation, and with masks the
// allowed choices. The observation comes by its pointer: compilers take long over copies of long arrays.
// Needs from the importer: transitions: array<f32>, read_write; env_states, where the environment has index `at`.
//#import "shaders/lib/data/transition.wgsl"
//#import "shaders/lib/rollout/observed.wgsl"
//#import "env"
//#import "mask"

fn store_sight(obs: ptr<function, SeenObs>, at: u32, record: u32) {
  for (var i = 0u; i < SEEN_FLOATS; i++) { transitions[record + AT_OBS + stacked_entry(i, STACK_FRAMES - 1u)] = (*obs)[i]; }
//#if PRIVILEGED
  for (var i = 0u; i < OBS_DIM; i++) { transitions[record + AT_ACTOR_OBS + i] = (*obs)[i]; }
//#end
  store_mask(at, record);
}
//#if STACKED

// The older frames of a stack in the records: those after the first of the stack in the record `before`, or at the
// start of an episode all the first frame.
fn store_older(obs: ptr<function, SeenObs>, record: u32, before: u32, is_first: bool) {
  for (var frame = 0u; frame < STACK_FRAMES - 1u; frame++) {
    for (var i = 0u; i < SEEN_FLOATS; i++) {
      let older = transitions[before + AT_OBS + stacked_entry(i, frame + 1u)];
      transitions[record + AT_OBS + stacked_entry(i, frame)] = select(older, (*obs)[i], is_first);
    }
  }
}
//#end
