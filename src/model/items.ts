/** Workgroups over a long list of items, as shaders/lib/network/items.wgsl counts them. */
import { wgslConstant } from '../gpu/shaders'

const ITEM_GROUPS = wgslConstant('shaders/lib/network/items.wgsl', 'ITEM_GROUPS')

export function itemGroups(items: number, threads: number, numAgents: number): [number, number, number] {
  const groups = Math.ceil(items / threads)
  return [Math.min(groups, ITEM_GROUPS), Math.ceil(groups / ITEM_GROUPS), numAgents]
}
