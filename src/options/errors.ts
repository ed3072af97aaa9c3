/** An option with a wrong value. The message says where, what is wrong with the value, and what to do. */
export class ConfigError extends Error {
  override name = 'ConfigError'
}
