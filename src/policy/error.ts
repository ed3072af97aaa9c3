/** A file that is valid safetensors but not a policy of this project. The message says where and what is wrong. */
export class PolicyError extends Error {
  override name = 'PolicyError'
}
