/** Creates a run. */

import { presetOptions, resolveConfig } from '../config/config'
import { checkSpec } from '../envcheck/spec'
import type { CreateOptions, Ppo } from './api'
import { openPpo } from './openppo'

/**
 * Prepares a run: validates the options, requests a device, compiles, allocates, and writes the initial weights.
 * @throws ConfigError for a wrong option or environment, before any GPU call; GpuError without usable WebGPU.
 */
export async function createPpo(options: CreateOptions): Promise<Ppo> {
  const { env, preset = 'default', device, gpu, onPreparing, signal, ...given } = options
  checkSpec(env)
  const config = resolveConfig(presetOptions(env, preset), given, env)
  return openPpo({ env, config, device, gpu, onPreparing, signal })
}
