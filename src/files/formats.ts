/** Values of `format` and `version` in the metadata of this project's files. */
export const POLICY_FORMAT = 'ppo-webgpu-policy'
export const CHECKPOINT_FORMAT = 'ppo-webgpu-checkpoint'
export const DUMP_FORMAT = 'ppo-webgpu-dump'
/** Of policies and checkpoints; increased by any change that earlier readers would misread. */
export const VERSION = '1'
/** Of dumps, which contain records with the GPU's layout. 2: flags in one word, and masks. */
export const DUMP_VERSION = '2'

const KEYS: Record<string, string[]> = {
  [POLICY_FORMAT]: ['format', 'version', 'env', 'shape', 'actionScale', 'environment', 'config', 'origin'],
  [CHECKPOINT_FORMAT]: [
    'format',
    'version',
    'env',
    'shape',
    'actionScale',
    'environment',
    'config',
    'iterations',
    'origin',
  ],
}

/** A key that files of this format do not have. Such files are refused: it may be the damaged name of the checksum. */
export const unknownKey = (metadata: Record<string, string>): string | undefined =>
  Object.keys(metadata).find((key) => !KEYS[metadata.format]?.includes(key))
