/** What the process of dawn.node is started with, and what it says first. */
import type { AdapterInfo } from '../../src/gpu/adapter'

export interface HostOptions {
  /** Vulkan loaders to try; those of other systems are not loaded here. */
  loaders: string[]
  /** A part of the adapter's name, and the words that `--adapter` also takes. */
  named?: { part: string; kinds: readonly string[] }
  /** Only list the adapters. */
  list?: true
}

export interface ListedAdapter {
  /** What `--adapter` looks in. */
  name: string
  info: AdapterInfo
  limits: Record<string, number>
  /** Of a subgroup; 0 without subgroups. */
  lanes: number
}

export interface HostReady {
  /** The Vulkan loader; null if there is none. */
  loader: string | null
  /** Why no adapter was taken. */
  why?: string
  adapters?: ListedAdapter[]
}
