/** The GPU families of the report: which of Mesa's drivers compiles for each, and where in its statistics the numbers are. */

/** Debian's packages that are unpacked together, in a folder of their own. */
export interface PackageSet {
  /** Suites of Debian, the one with Mesa last. */
  suites: string[]
  packages: string[]
}

const COMMON = ['mesa-vulkan-drivers', 'libvulkan1', 'libvulkan-dev', 'libc6', 'libstdc++6', 'zlib1g']

/** NVIDIA's, Apple's and Qualcomm's compilers are only in newer versions of Mesa. */
export const SETS = {
  stable: {
    suites: ['bookworm', 'bookworm-backports'],
    packages: [...COMMON, 'libdrm2', 'libdrm-amdgpu1', 'libdrm-common'],
  },
  sid: { suites: ['sid'], packages: [...COMMON, 'mesa-drm-shim'] },
} satisfies Record<string, PackageSet>

/** How to read a compiler's listing of a program: see loops.ts. */
export interface Listing {
  /** Its name among the texts of the driver. */
  name: string
  label: RegExp
  branch: RegExp
  /** What is behind such a line is not reached from it. */
  leaves: RegExp
  instruction: RegExp
  multiply: RegExp
  /** Reciprocals and exponentials: no matrix product has them. */
  special: RegExp
}

export interface Family {
  gpu: string
  compiler: string
  set: keyof typeof SETS
  driver: string
  /** A library that pretends to be the kernel's driver. */
  shim?: string
  env: Record<string, string>
  /** Names of statistics; several are added. */
  registers: string
  spills: string[]
  instructions: string
  occupancy: string
  /** What `occupancy` counts, and the most of it. */
  occupancyUnit: string
  /** Bytes in a unit of `Code size`. */
  codeUnit: number
  listing: Listing | null
}

const AMD = {
  compiler: 'ACO (RADV)',
  set: 'stable',
  driver: 'libvulkan_radeon.so',
  registers: 'VGPRs',
  spills: ['Spilled VGPRs', 'Spilled SGPRs'],
  instructions: 'Instructions',
  occupancy: 'Subgroups per SIMD',
  codeUnit: 1,
  listing: {
    name: 'Assembly',
    label: /^(BB\d+):/,
    branch: /^\ts_c?branch\w* (BB\d+)/,
    leaves: /^\ts_(?:branch|endpgm)\b/,
    instruction: /^\t[a-z]/,
    multiply: /\bv_(?:dual_)?(?:fma|fmac|fmaak|fmamk|mul)_f32/g,
    special: /\bv_(?:rcp|exp|log|sqrt)_f32/,
  },
} as const

const amd = (name: string): Record<string, string> => ({ RADV_FORCE_FAMILY: name, RADV_DEBUG: 'nocache' })

export const FAMILIES: Record<string, Family> = {
  navi21: {
    ...AMD,
    gpu: 'AMD RDNA 2 (navi21)',
    env: amd('navi21'),
    occupancyUnit: 'waves of 16 per SIMD',
    spills: [...AMD.spills],
  },
  navi31: {
    ...AMD,
    gpu: 'AMD RDNA 3 (navi31)',
    env: amd('navi31'),
    occupancyUnit: 'waves of 16 per SIMD',
    spills: [...AMD.spills],
  },
  ada: {
    gpu: 'NVIDIA Ada',
    compiler: 'NAK (NVK)',
    set: 'sid',
    driver: 'libvulkan_nouveau.so',
    shim: 'libnouveau_noop_drm_shim.so',
    env: { NOUVEAU_CHIPSET: '192' },
    registers: 'Number of GPRs',
    spills: ['Spills to memory'],
    instructions: 'Instruction count',
    occupancy: 'Max warps/SM',
    occupancyUnit: 'warps of 48 per multiprocessor',
    codeUnit: 1,
    listing: {
      name: 'NAK assembly',
      label: /^block\S* \d+ (L\d+) /,
      branch: /\bbra \S+ (L\d+)/,
      leaves: /^ +(?:bra pT |exit\b)/,
      instruction: /\/\/ delay=/,
      multiply: / = f(?:fma|mul)\b/g,
      special: /\bmufu\b/,
    },
  },
  m1: {
    gpu: 'Apple M1',
    compiler: 'AGX (Honeykrisp)',
    set: 'sid',
    driver: 'libvulkan_asahi.so',
    shim: 'libasahi_noop_drm_shim.so',
    env: {},
    registers: 'GPRs',
    spills: ['Spills'],
    instructions: 'Instructions',
    occupancy: 'Threads',
    occupancyUnit: 'threads of 1,024 per core',
    codeUnit: 1,
    listing: null,
  },
  adreno730: {
    gpu: 'Qualcomm Adreno 730',
    compiler: 'IR3 (Turnip)',
    set: 'sid',
    driver: 'libvulkan_freedreno.so',
    shim: 'libfreedreno_noop_drm_shim.so',
    env: { FD_GPU_ID: '730' },
    registers: 'Registers used',
    spills: ['STP Count', 'LDP Count'],
    instructions: 'Instruction Count',
    occupancy: 'Max Waves Per Core',
    occupancyUnit: 'waves of 16 per core',
    codeUnit: 4,
    listing: {
      name: 'IR3 Assembly',
      label: /^(l\d+):/,
      branch: /^(?:\([^)]*\))*(?:br\w*|jump|bany|ball|shps|getone) .*#?(l\d+)/,
      leaves: /^(?:\([^)]*\))*(?:jump|end)\b/,
      instruction: /^(?:\([^)]*\))* ?[a-z][\w.]* ?/,
      multiply: /\b(?:mad|mul)\.f\w*/g,
      special: /\b(?:rcp|rsq|exp2|log2)\b/,
    },
  },
}
