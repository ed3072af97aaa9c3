//#import "shaders/lib/sincos.wgsl"
//#import "planar/robot"
//#import "planar/vectors"
// Where the frames of the joints are, and the two passes over the tree: motions from the joints outwards, forces inwards.
// envs/planar/frames.ts says what a frame is. The positions of joints of `TRAVEL` change no force: they are left out, so that
// a robot far away is computed as precisely as one at 0.
// Twin: envs/planar/kinematics.ts

struct Frames {
  /// Cosine and sine of each frame's angle.
  turn: array<vec2f, NV>,
  /// From the parent's reference point to its own, and from the world's origin; in the world's directions.
  shift: array<vec2f, NV>,
  place: array<vec2f, NV>,
  /// Direction of a slide.
  axis: array<vec2f, NV>,
}

alias Joints = array<f32, NV>;
/// Motions or wrenches, one for each frame, at its reference point.
alias Triples = array<vec3f, NV>;

fn frames_at(q: ptr<function, Joints>) -> Frames {
  var f = Frames();
  var angle = Joints();
  //#repeat $j < NV
  {
    var turn = vec2f(1.0, 0.0);
    var place = vec2f(0.0);
    var above = 0.0;
    //#repeat $p in PARENT[$j]
    turn = f.turn[$p];
    place = f.place[$p];
    above = angle[$p];
    //#end
    var shift = turned(turn, OFFSET[$j]);
    //#if SLIDE[$j]
    f.axis[$j] = turned(turn, AXIS[$j]);
    //#if 1 - TRAVELS[$j]
    shift += f.axis[$j] * ((*q)[$j] - REF[$j]);
    //#end
    angle[$j] = above;
    //#end
    //#if HINGE[$j]
    angle[$j] = above + SENSE[$j] * ((*q)[$j] - REF[$j]);
    turn = sincos(angle[$j]).yx;
    //#end
    f.turn[$j] = turn;
    f.shift[$j] = shift;
    f.place[$j] = place + shift;
  }
  //#end
  return f;
}

/// Motions of all frames, when the joints move at `rates`. The same for accelerations, but for what velocities add.
fn motions_of(f: ptr<function, Frames>, rates: ptr<function, Joints>) -> Triples {
  var motions = Triples();
  //#repeat $j < NV
  {
    var motion = vec3f(0.0);
    //#repeat $p in PARENT[$j]
    motion = vec3f(motions[$p].x, at_point(motions[$p], (*f).shift[$j]));
    //#end
    //#if HINGE[$j]
    motion.x += SENSE[$j] * (*rates)[$j];
    //#end
    //#if SLIDE[$j]
    motion += vec3f(0.0, (*f).axis[$j] * (*rates)[$j]);
    //#end
    motions[$j] = motion;
  }
  //#end
  return motions;
}

/// Forces on the joints from wrenches on the frames.
fn joint_forces(f: ptr<function, Frames>, given: ptr<function, Triples>) -> Joints {
  var wrenches = *given;
  var forces = Joints();
  //#repeat $j < NV backwards
  //#if HINGE[$j]
  forces[$j] = SENSE[$j] * wrenches[$j].x;
  //#end
  //#if SLIDE[$j]
  forces[$j] = dot((*f).axis[$j], wrenches[$j].yz);
  //#end
  //#repeat $p in PARENT[$j]
  wrenches[$p] += carried(wrenches[$j], (*f).shift[$j]);
  //#end
  //#end
  return forces;
}
