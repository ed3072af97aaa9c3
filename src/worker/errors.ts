/** Errors of the Worker, made again in the page: `instanceof` holds there for those that the library names. */
import { CheckpointError } from '../checkpoint/checkpoint'
import { SafetensorsError } from '../files/safetensors'
import { ShaderError } from '../gpu/compile'
import { GpuError } from '../gpu/gpuerror'
import { ConfigError } from '../options/errors'
import { PolicyError } from '../policy/policy'
import type { CrossedError } from './protocol'

const KNOWN: Readonly<Record<string, { prototype: Error }>> = {
  CheckpointError,
  ConfigError,
  GpuError,
  PolicyError,
  SafetensorsError,
  ShaderError,
}

export function unpackError({ name, message, fields }: CrossedError): Error {
  const error = new Error(message)
  if (Object.hasOwn(KNOWN, name)) Object.setPrototypeOf(error, KNOWN[name].prototype)
  return Object.assign(error, fields, { name })
}
