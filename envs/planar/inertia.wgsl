//#import "planar/frames"
// Inertia in the plane, and the mass matrix: Featherstone's composite rigid bodies (2008, chapter 6). Every frame's inertia
// is about its own reference point, so that large moments about a far point need not cancel.
// Twin: envs/planar/dynamics.ts

/// What a motion of a frame takes: wrench = (about wa + moment . a, moment wa + linear a) for acceleration (wa, a).
struct Inertia {
  about: f32,
  moment: vec2f,
  /// xx, xy, yy: the mass for a body; a stiffness of contacts depends on the direction.
  linear: vec3f,
}
alias Inertias = array<Inertia, NV>;
/// Rows of a symmetric matrix, up to the diagonal; only entries of `ROW` are used.
alias Matrix = array<array<f32, NV>, NV>;

/// Of the bodies of each frame.
fn body_inertias(f: ptr<function, Frames>) -> Inertias {
  var all = Inertias();
  let factor = mass_factor();
  //#repeat $j in MASSIVE
  all[$j] = Inertia(factor * FRAME_INERTIA[$j], perp(turned((*f).turn[$j], factor * FRAME_MOMENT[$j])),
    factor * FRAME_MASS[$j] * vec3f(1.0, 0.0, 1.0));
  //#end
  return all;
}

fn times(linear: vec3f, a: vec2f) -> vec2f { return vec2f(dot(linear.xy, a), dot(linear.yz, a)); }

fn wrench_for(inertia: Inertia, acceleration: vec3f) -> vec3f {
  return vec3f(inertia.about * acceleration.x + dot(inertia.moment, acceleration.yz),
    inertia.moment * acceleration.x + times(inertia.linear, acceleration.yz));
}

/// `a`, and `b` about a point from which its own is at `r`.
fn with_inertia(a: Inertia, b: Inertia, r: vec2f) -> Inertia {
  let p = perp(r);
  let moved = times(b.linear, p);
  return Inertia(a.about + b.about + 2.0 * dot(b.moment, p) + dot(p, moved), a.moment + b.moment + moved, a.linear + b.linear);
}

/// The mass matrix of frames with these inertias, and the armature.
fn mass_matrix(f: ptr<function, Frames>, inertias: ptr<function, Inertias>) -> Matrix {
  var all = *inertias;
  var m = Matrix();
  //#repeat $j < NV backwards
  {
    //#if HINGE[$j]
    var wrench = SENSE[$j] * vec3f(all[$j].about, all[$j].moment);
    m[$j][$j] = all[$j].about + ARMATURE[$j];
    //#end
    //#if SLIDE[$j]
    let axis = (*f).axis[$j];
    var wrench = vec3f(dot(all[$j].moment, axis), times(all[$j].linear, axis));
    m[$j][$j] = dot(axis, wrench.yz) + ARMATURE[$j];
    //#end
    //#repeat $i in CLIMB[$j]
    wrench = carried(wrench, (*f).shift[$i]);
    //#repeat $p in PARENT[$i]
    //#if HINGE[$p]
    m[$j][$p] = SENSE[$p] * wrench.x;
    //#end
    //#if SLIDE[$p]
    m[$j][$p] = dot((*f).axis[$p], wrench.yz);
    //#end
    //#end
    //#end
    //#repeat $p in PARENT[$j]
    all[$p] = with_inertia(all[$p], all[$j], (*f).shift[$j]);
    //#end
  }
  //#end
  return m;
}
