/** What the metadata of this project's files say that they are. */
export const POLICY_FORMAT = 'ppo-webgpu-policy'
export const CHECKPOINT_FORMAT = 'ppo-webgpu-checkpoint'
/** Of both; a change that earlier readers would misread counts it up. */
export const VERSION = '1'
