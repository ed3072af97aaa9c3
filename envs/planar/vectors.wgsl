// Vectors of the plane, and two kinds of triples, both (turning, x, y): a motion is angular velocity and the velocity of a
// point, or the same of accelerations; a wrench is torque about a point and force.

/// r turned by 90 degrees counter-clockwise: the velocity of a point at r when all turns at 1 rad/s about 0.
fn perp(r: vec2f) -> vec2f { return vec2f(-r.y, r.x); }

fn cross2(a: vec2f, b: vec2f) -> f32 { return a.x * b.y - a.y * b.x; }

/// r turned by an angle, of which `turn` is cosine and sine.
fn turned(turn: vec2f, r: vec2f) -> vec2f { return turn.x * r + turn.y * perp(r); }

/// The motion's second part at another point, `r` away.
fn at_point(motion: vec3f, r: vec2f) -> vec2f { return motion.yz + motion.x * perp(r); }

/// The wrench about a point from which the force acts at `r`.
fn wrench_of(force: vec2f, r: vec2f) -> vec3f { return vec3f(cross2(r, force), force); }

/// The wrench about a point from which the wrench's own point is at `r`.
fn carried(wrench: vec3f, r: vec2f) -> vec3f { return vec3f(wrench.x + cross2(r, wrench.yz), wrench.yz); }
