//#import "planar/frames"
//#import "planar/inertia"
// Forces on the joints but for those of constraints: gravity and centrifugal forces, springs, dampers, motors, the fluid.
// Twins: envs/planar/dynamics.ts, passive.ts

/// Control of each motor, before it is clamped.
alias Controls = array<f32, NU>;

/// Accelerations of the frames when the joints do not accelerate, against gravity.
fn bias_accelerations(f: ptr<function, Frames>, v: ptr<function, Joints>, motions: ptr<function, Triples>) -> array<vec2f, NV> {
  var a = array<vec2f, NV>();
  //#repeat $j < NV
  a[$j] = -gravity_factor() * GRAVITY;
  //#repeat $p in PARENT[$j]
  a[$j] = a[$p] - (*motions)[$p].x * (*motions)[$p].x * (*f).shift[$j];
  //#if SLIDE[$j]
  a[$j] += 2.0 * (*motions)[$p].x * (*v)[$j] * perp((*f).axis[$j]);
  //#end
  //#end
  //#end
  return a;
}

/// What the joints need to hold the robot against gravity and its own motion: MuJoCo's qfrc_bias.
fn bias_forces(f: ptr<function, Frames>, v: ptr<function, Joints>, motions: ptr<function, Triples>, inertias: ptr<function, Inertias>) -> Joints {
  let a = bias_accelerations(f, v, motions);
  var wrenches = Triples();
  //#repeat $j in MASSIVE
  {
    let w = (*motions)[$j].x;
    // The inertia's moment is the mass times the centre of mass, turned by 90 degrees.
    wrenches[$j] = wrench_for((*inertias)[$j], vec3f(0.0, a[$j])) + vec3f(0.0, w * w * perp((*inertias)[$j].moment));
  }
  //#end
  return joint_forces(f, &wrenches);
}

/// Springs, dampers and the fluid: MuJoCo's qfrc_passive.
fn passive_forces(f: ptr<function, Frames>, q: ptr<function, Joints>, v: ptr<function, Joints>, motions: ptr<function, Triples>) -> Joints {
  var wrenches = Triples();
  //#repeat $b < NUM_FLUID
  //#repeat $f in FLUID_FRAME[$b]
  {
    let at = turned((*f).turn[$f], FLUID_AT[$b]);
    let along = turned((*f).turn[$f], FLUID_AXIS[$b]);
    let velocity = at_point((*motions)[$f], at);
    let w = (*motions)[$f].x;
    let u = vec2f(dot(velocity, along), dot(velocity, perp(along)));
    let drag = FLUID_DRAG[$b].xy * abs(u) * u;
    let force = -FLUID_VISCOUS[$b].x * velocity - drag.x * along - drag.y * perp(along);
    wrenches[$f] += wrench_of(force, at) - vec3f((FLUID_VISCOUS[$b].y + FLUID_DRAG[$b].z * abs(w)) * w, 0.0, 0.0);
  }
  //#end
  //#end
  var forces = joint_forces(f, &wrenches);
  //#repeat $j < NV
  forces[$j] -= DAMPING[$j] * (*v)[$j];
  //#end
  //#repeat $j in SPRUNG
  forces[$j] -= STIFFNESS[$j] * ((*q)[$j] - SPRING_REF[$j]);
  //#end
  return forces;
}

/// MuJoCo's qfrc_actuator.
fn motor_forces(controls: ptr<function, Controls>) -> Joints {
  var forces = Joints();
  //#repeat $m < NU
  //#repeat $j in MOTOR_JOINT[$m]
  forces[$j] += GEAR[$m] * clamp((*controls)[$m], CONTROL_RANGE[$m].x, CONTROL_RANGE[$m].y);
  //#end
  //#end
  return forces;
}
