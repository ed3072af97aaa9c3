/** What the process of dawn.node is started with, and what it says first. */
import type { AdapterInfo } from '../../src/gpu/adapter'

/** The variable that holds them, as JSON: the arguments are Vulkan loaders to try, also for the hosts of older checkouts. */
export const HOST_OPTIONS = 'PPO_WEBGPU_HOST'

export interface HostOptions {
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
