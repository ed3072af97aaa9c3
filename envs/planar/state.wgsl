//#import "planar/forward"
// The state of a planar robot. Twin: envs/planar/state.ts

struct EnvState {
  /// Positions of the joints, m or rad, and their velocities.
  qpos: Joints,
  qvel: Joints,
  /// Accelerations that the solver of the next step starts from.
  warmstart: Joints,
  //#if NUM_SITES
  /// x, y of each site, at the last evaluation of the forces: MuJoCo does not compute them again after a step.
  sites: array<f32, 2 * NUM_SITES>,
  //#end
  //#if KEEPS_FORCE
  /// The constraints' forces on the joints, from the same evaluation.
  constraint_force: Joints,
  //#end
}

/// The joints that travel at 0: the forces do not see where they are.
fn without_travel(state: ptr<function, EnvState>) -> Joints {
  var q = (*state).qpos;
  //#repeat $j in TRAVEL
  q[$j] = 0.0;
  //#end
  return q;
}

/// Stores what an evaluation of the forces leaves. `travelled`: of the joints that travel, since the state.
fn keep(state: ptr<function, EnvState>, found: ptr<function, Forward>, travelled: ptr<function, Joints>) {
  (*state).warmstart = (*found).qacc;
  //#if KEEPS_FORCE
  (*state).constraint_force = (*found).constraint_force;
  //#end
  //#repeat $s < NUM_SITES
  {
    var at = (*found).sites[$s];
    //#repeat $j in SITE_TRAVEL[$s]
    at += AXIS[$j] * ((*state).qpos[$j] + (*travelled)[$j] - REF[$j]);
    //#end
    (*state).sites[2 * $s] = at.x;
    (*state).sites[2 * $s + 1] = at.y;
  }
  //#end
}

/// A state at rest but for `v`, with its sites in place.
fn state_at(qpos: Joints, qvel: Joints) -> EnvState {
  var state = EnvState();
  state.qpos = qpos;
  state.qvel = qvel;
  //#if NUM_SITES
  var q = without_travel(&state);
  var f = frames_at(&q);
  //#repeat $s < NUM_SITES
  //#repeat $b in SITE_FRAME[$s]
  {
    var at = f.place[$b] + turned(f.turn[$b], SITE_AT[$s]);
    //#repeat $j in SITE_TRAVEL[$s]
    at += AXIS[$j] * (qpos[$j] - REF[$j]);
    //#end
    state.sites[2 * $s] = at.x;
    state.sites[2 * $s + 1] = at.y;
  }
  //#end
  //#end
  //#end
  return state;
}

/// The state at the end of a step; `q` of the joints that travel is how far they went, and is returned.
fn arrive(state: ptr<function, EnvState>, q: Joints, v: Joints) -> Joints {
  let before = (*state).qpos;
  (*state).qpos = q;
  (*state).qvel = v;
  //#repeat $j in TRAVEL
  (*state).qpos[$j] = before[$j] + q[$j];
  //#end
  return q;
}
