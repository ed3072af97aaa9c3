/** What a page with a player is given. All texts in it are from outside: they are shown as text, never as HTML. */
import type { EnvSpec } from '../env/contract'
import type { ParamSettings } from '../options/params'
import type { GpuCode } from './gpucode'

export interface Contents {
  env: string
  /** A policy file, base64. */
  policy: string
  /** Of the episodes; number k is the k-th of `eval` with the same seed. */
  seed: number
  settings: ParamSettings
  /** Lines below the picture. */
  facts: string[]
  /** Numbers of polygons and shapes; null where the picture has not been translated. */
  parts: [polygons: number, shapes: number] | null
  /** Null for an environment without a picture: it plays in its twin. */
  gpu: GpuCode | null
}

/** What the page has of an environment: its description and its twin; its WGSL is in `Contents`. */
export type PlayerSpec = Omit<EnvSpec<unknown>, 'wgsl' | 'wgslFile' | 'modules' | 'preset'>
