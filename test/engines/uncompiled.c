/*
 * A Vulkan driver around another one, UNCOMPILED_DRIVER: it takes every compute pipeline without compiling it. So a WebGPU
 * engine does all of its own work on a kernel, up to SPIR-V, and the driver's compiler, which would take minutes, does none.
 * Nothing can run on it. It needs no headers of Vulkan.
 */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef void (*Function)(void);
typedef Function (*Find)(void *, const char *);

static void *driver(const char *name) {
  static void *handle;
  if (!handle) handle = dlopen(getenv("UNCOMPILED_DRIVER"), RTLD_NOW | RTLD_LOCAL);
  if (!handle) fprintf(stderr, "uncompiled: %s\n", dlerror()), exit(1);
  return dlsym(handle, name);
}

static int32_t create(void *device, uint64_t cache, uint32_t count, const void *infos, const void *allocator, uint64_t *pipelines) {
  for (uint32_t i = 0; i < count; i++) pipelines[i] = i + 1; // any handle but 0, which is none
  return 0;                                                  // VK_SUCCESS
}

static void destroy(void *device, uint64_t pipeline, const void *allocator) {}

static Find of_device;

static Function get_device(void *device, const char *name) {
  if (strcmp(name, "vkCreateComputePipelines") == 0) return (Function)create;
  return strcmp(name, "vkDestroyPipeline") == 0 ? (Function)destroy : of_device(device, name);
}

Function vk_icdGetInstanceProcAddr(void *instance, const char *name) {
  Function known = ((Find)driver("vk_icdGetInstanceProcAddr"))(instance, name);
  if (!known || strcmp(name, "vkGetDeviceProcAddr") != 0) return known;
  of_device = (Find)known;
  return (Function)get_device;
}

Function vk_icdGetPhysicalDeviceProcAddr(void *instance, const char *name) {
  Find find = (Find)driver("vk_icdGetPhysicalDeviceProcAddr");
  return find ? find(instance, name) : NULL;
}

int32_t vk_icdNegotiateLoaderICDInterfaceVersion(uint32_t *version) {
  return ((int32_t(*)(uint32_t *))driver("vk_icdNegotiateLoaderICDInterfaceVersion"))(version);
}
