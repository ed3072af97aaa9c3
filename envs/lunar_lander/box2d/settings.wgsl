// Box2D 2.3.0's settings (b2Settings.h), and LunarLander's steps. The same as settings.ts.

const PI = 3.14159265359f;
const EPSILON = 0x1p-23f;
const FAR = 3.4e38f;
const LINEAR_SLOP = 0.005f;
const ANGULAR_SLOP = 2.0f / 180.0f * PI;
/// The skin of polygons and edges.
const RADIUS = 0.01f;
/// Margin of a stored box, and by how many displacements it extends ahead.
const AABB_EXTENSION = 0.1f;
const AABB_MULTIPLIER = 2.0f;
const BAUMGARTE = 0.2f;
const TOI_BAUMGARTE = 0.75f;
const MAX_LINEAR_CORRECTION = 0.2f;
const MAX_ANGULAR_CORRECTION = 8.0f / 180.0f * PI;
const MAX_TRANSLATION = 2.0f;
const MAX_ROTATION = 0.5f * PI;
const TIME_TO_SLEEP = 0.5f;
const LINEAR_SLEEP_TOLERANCE = 0.01f;
const ANGULAR_SLEEP_TOLERANCE = ANGULAR_SLOP;
/// Times of impact of one contact in one step.
const MAX_SUB_STEPS = 8u;
/// Largest condition number for the block solver of two points; above it one point is used.
const MAX_CONDITION = 1000.0f;

/// Seconds per step, and its iterations.
const DT = 0.02f;
const VELOCITY_ITERATIONS = 180u;
const POSITION_ITERATIONS = 60u;
const TOI_POSITION_ITERATIONS = 20u;
