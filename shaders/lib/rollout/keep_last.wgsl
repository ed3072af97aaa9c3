// Keeps what the last observation of an episode is made of. In grid_rollout another module of this name is linked in its
// place, keep_words.wgsl (src/plan/kernels.ts).
// Needs from the importer: transitions, final_obs: array<f32>, read_write, or for packed observations final_states:
// array<EnvState>, read_write.
//#import "shaders/lib/data/transition.wgsl"
//#import "shaders/lib/rollout/env_place.wgsl"
//#import "shaders/lib/rollout/observed.wgsl"
//#import "env"

//#if FLOATS
fn keep_last(p: EnvPlace, state: ptr<function, EnvState>, obs: ptr<function, SeenObs>) {
  for (var i = 0u; i < SEEN_FLOATS; i++) { final_obs[p.final_record + stacked_entry(i, STACK_FRAMES - 1u)] = (*obs)[i]; }
//#if STACKED
  for (var frame = 0u; frame < STACK_FRAMES - 1u; frame++) {
    for (var i = 0u; i < SEEN_FLOATS; i++) {
      let older = transitions[p.record + AT_OBS + stacked_entry(i, frame + 1u)];
      final_obs[p.final_record + stacked_entry(i, frame)] = older;
    }
  }
//#end
}
//#end
//#if PACKED
fn keep_last(p: EnvPlace, state: ptr<function, EnvState>, obs: ptr<function, SeenObs>) {
  final_states[p.at] = *state;
}
//#end
