//#import "planar/frames"
//#import "planar/constraint"
//#import "planar/capsules"
// All constraints of a robot: limits of joints, ends of capsules on the floor, pairs of capsules. Each has its place, whether
// it is in reach or not, so that none is ever left out.
// Twins: envs/planar/constraints.ts, contacts.ts

struct Rows {
  /// 1 at the lower limit, -1 at the upper: only the nearer one is in reach.
  side: Joints,
  limits: array<Spring, NV>,
  floor: array<Contact, NUM_FLOOR>,
  pairs: array<Contact, NUM_PAIRS>,
  /// The point of a pair's contact from the reference point of its first capsule's frame.
  first_at: array<vec2f, NUM_PAIRS>,
}

/// Residuals of the rows at an acceleration.
struct Residuals {
  limits: Joints,
  floor: array<vec2f, NUM_FLOOR>,
  pairs: array<vec2f, NUM_PAIRS>,
}

fn rows_of(f: ptr<function, Frames>, q: ptr<function, Joints>, v: ptr<function, Joints>, motions: ptr<function, Triples>) -> Rows {
  var rows = Rows();
  //#repeat $j in LIMITED
  {
    let low = (*q)[$j] - LIMIT_RANGE[$j].x;
    let high = LIMIT_RANGE[$j].y - (*q)[$j];
    let side = select(1.0, -1.0, high < low);
    rows.side[$j] = side;
    rows.limits[$j] = spring_of(min(low, high), side * (*v)[$j], LIMIT_IMPEDANCE[$j], LIMIT_SPRING[$j], LIMIT_INVWEIGHT[$j]);
  }
  //#end
  //#repeat $k < FLOOR_PLACES
  //#repeat $b in FLOOR_FRAME[$k]
  {
    let centre = turned((*f).turn[$b], FLOOR_END[$k]);
    let distance = (*f).place[$b].y + centre.y - (FLOOR_HEIGHT + FLOOR_RADIUS[$k]);
    let at = centre - vec2f(0.0, FLOOR_RADIUS[$k] + 0.5 * distance);
    rows.floor[$k] = contact_of(vec2f(0.0, 1.0), at, distance, at_point((*motions)[$b], at), FLOOR_FRICTION[$k],
      FLOOR_IMPEDANCE[$k], FLOOR_SPRING[$k], FLOOR_INVWEIGHT[$k]);
  }
  //#end
  //#end
  //#repeat $k < PAIR_PLACES
  //#repeat $a in PAIR_FIRST[$k]
  //#repeat $b in PAIR_SECOND[$k]
  {
    let halves = array(turned((*f).turn[$a], PAIR_HALVES[$k].xy), turned((*f).turn[$b], PAIR_HALVES[$k].zw));
    let first = turned((*f).turn[$a], PAIR_MIDDLES[$k].xy);
    let second = turned((*f).turn[$b], PAIR_MIDDLES[$k].zw);
    let between = (*f).place[$b] - (*f).place[$a];
    let touch = touch_of(halves[0], halves[1], between + second - first, PAIR_RADII[$k].x, PAIR_RADII[$k].y);
    let at = first + touch.at;
    rows.first_at[$k] = at;
    let velocity = at_point((*motions)[$b], at - between) - at_point((*motions)[$a], at);
    rows.pairs[$k] = contact_of(touch.normal, at - between, touch.distance, velocity, PAIR_FRICTION[$k], PAIR_IMPEDANCE[$k],
      PAIR_SPRING[$k], PAIR_INVWEIGHT[$k]);
  }
  //#end
  //#end
  //#end
  return rows;
}

fn residuals_at(f: ptr<function, Frames>, rows: ptr<function, Rows>, qacc: ptr<function, Joints>) -> Residuals {
  var motions = motions_of(f, qacc);
  var r = Residuals();
  //#repeat $j in LIMITED
  r.limits[$j] = (*rows).limits[$j].base + (*rows).side[$j] * (*qacc)[$j];
  //#end
  //#repeat $k < FLOOR_PLACES
  //#repeat $b in FLOOR_FRAME[$k]
  r.floor[$k] = (*rows).floor[$k].base + seen_by((*rows).floor[$k], at_point(motions[$b], (*rows).floor[$k].at));
  //#end
  //#end
  //#repeat $k < PAIR_PLACES
  //#repeat $a in PAIR_FIRST[$k]
  //#repeat $b in PAIR_SECOND[$k]
  r.pairs[$k] = (*rows).pairs[$k].base + seen_by((*rows).pairs[$k],
    at_point(motions[$b], (*rows).pairs[$k].at) - at_point(motions[$a], (*rows).first_at[$k]));
  //#end
  //#end
  //#end
  return r;
}

/// The constraints' forces on the joints at these residuals: MuJoCo's qfrc_constraint.
fn constraint_forces(f: ptr<function, Frames>, rows: ptr<function, Rows>, r: ptr<function, Residuals>) -> Joints {
  var wrenches = Triples();
  //#repeat $k < FLOOR_PLACES
  //#repeat $b in FLOOR_FRAME[$k]
  wrenches[$b] += wrench_of(push((*rows).floor[$k], pushing((*rows).floor[$k], (*r).floor[$k]), (*r).floor[$k]), (*rows).floor[$k].at);
  //#end
  //#end
  //#repeat $k < PAIR_PLACES
  //#repeat $a in PAIR_FIRST[$k]
  //#repeat $b in PAIR_SECOND[$k]
  {
    let force = push((*rows).pairs[$k], pushing((*rows).pairs[$k], (*r).pairs[$k]), (*r).pairs[$k]);
    wrenches[$a] -= wrench_of(force, (*rows).first_at[$k]);
    wrenches[$b] += wrench_of(force, (*rows).pairs[$k].at);
  }
  //#end
  //#end
  //#end
  var forces = joint_forces(f, &wrenches);
  //#repeat $j in LIMITED
  forces[$j] -= (*rows).side[$j] * (*rows).limits[$j].stiffness * min((*r).limits[$j], 0.0);
  //#end
  return forces;
}
