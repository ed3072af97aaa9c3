// What an episode is played with. Twin: LUNAR_LANDER_PARAMS of envs/lunar_lander/lunar_lander.ts

/// m/s^2, -12 to 0.
const GRAVITY = -10.0f;
const ENABLE_WIND = false;
/// Largest force of the wind, 0 to 20 N, and its largest torque, 0 to 2 N m.
const WIND_POWER = 15.0f;
const TURBULENCE_POWER = 1.5f;
/// Ends the iterations on velocities once one of them changes nothing by more than FAST_TOLERANCE, m/s or rad/s.
const FAST = false;
const FAST_TOLERANCE = 1e-6f;
