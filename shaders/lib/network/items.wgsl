// Threads over a long list of items, one each.

// Workgroups along x; the rest are along y, since a dimension has at most 65,535.
const ITEM_GROUPS = 32768u;

fn item_of(group: vec3u, thread: u32, threads: u32) -> u32 { return (group.y * ITEM_GROUPS + group.x) * threads + thread; }
