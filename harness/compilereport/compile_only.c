/*
 * A Vulkan driver around another one, COMPILE_ONLY_DRIVER: it compiles and never executes. Commands, submits and waits do
 * nothing and succeed, because a driver without its GPU would fail at them. For every compute pipeline it writes to stderr what
 * the driver says about it (VK_KHR_pipeline_executable_properties): `@stat NAME: NUMBER`; and, with COMPILE_ONLY_TEXT in the
 * environment, its programs as text, between `@text NAME` and `@end`.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vulkan/vulkan.h>

typedef PFN_vkVoidFunction (*Find)(void *, const char *);

static void *driver(void) {
  static void *handle;
  if (!handle) handle = dlopen(getenv("COMPILE_ONLY_DRIVER"), RTLD_NOW | RTLD_LOCAL);
  if (!handle) fprintf(stderr, "compile_only: %s\n", dlerror()), exit(1);
  return handle;
}

static long nothing(void) { return VK_SUCCESS; }

static const char *const IDLE[] = {
    "vkBeginCommandBuffer", "vkEndCommandBuffer", "vkResetCommandBuffer", "vkResetCommandPool", "vkQueueSubmit",
    "vkQueueSubmit2", "vkQueueSubmit2KHR", "vkQueueWaitIdle", "vkDeviceWaitIdle", "vkWaitForFences", "vkGetFenceStatus",
    "vkResetFences", "vkWaitSemaphores", "vkWaitSemaphoresKHR", "vkQueueBindSparse", NULL};

static PFN_vkVoidFunction idle(const char *name) {
  if (strncmp(name, "vkCmd", 5) == 0) return (PFN_vkVoidFunction)nothing;
  for (int i = 0; IDLE[i]; i++)
    if (strcmp(name, IDLE[i]) == 0) return (PFN_vkVoidFunction)nothing;
  return NULL;
}

static PFN_vkGetDeviceProcAddr of_device;
static PFN_vkCreateComputePipelines create_pipelines;
static PFN_vkGetPipelineExecutablePropertiesKHR get_executables;
static PFN_vkGetPipelineExecutableStatisticsKHR get_statistics;
static PFN_vkGetPipelineExecutableInternalRepresentationsKHR get_texts;

#define MOST 64

static void print_statistics(VkDevice device, const VkPipelineExecutableInfoKHR *which) {
  VkPipelineExecutableStatisticKHR all[MOST];
  uint32_t count = MOST;
  for (int i = 0; i < MOST; i++)
    all[i] = (VkPipelineExecutableStatisticKHR){VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_STATISTIC_KHR};
  get_statistics(device, which, &count, all);
  for (uint32_t i = 0; i < count; i++) {
    if (all[i].format == VK_PIPELINE_EXECUTABLE_STATISTIC_FORMAT_FLOAT64_KHR)
      fprintf(stderr, "@stat %s: %.3f\n", all[i].name, all[i].value.f64);
    else
      fprintf(stderr, "@stat %s: %llu\n", all[i].name, (unsigned long long)all[i].value.u64);
  }
}

static void print_texts(VkDevice device, const VkPipelineExecutableInfoKHR *which) {
  VkPipelineExecutableInternalRepresentationKHR all[MOST];
  uint32_t count = MOST;
  for (int i = 0; i < MOST; i++)
    all[i] = (VkPipelineExecutableInternalRepresentationKHR){VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_INTERNAL_REPRESENTATION_KHR};
  get_texts(device, which, &count, all); // first their sizes
  for (uint32_t i = 0; i < count; i++) all[i].pData = calloc(1, all[i].dataSize + 1);
  get_texts(device, which, &count, all);
  for (uint32_t i = 0; i < count; i++) {
    if (all[i].isText) fprintf(stderr, "@text %s\n%s\n@end\n", all[i].name, (char *)all[i].pData);
    free(all[i].pData);
  }
}

static void print_pipeline(VkDevice device, VkPipeline pipeline) {
  VkPipelineInfoKHR info = {VK_STRUCTURE_TYPE_PIPELINE_INFO_KHR, NULL, pipeline};
  uint32_t executables = 0;
  get_executables(device, &info, &executables, NULL);
  for (uint32_t e = 0; e < executables; e++) {
    VkPipelineExecutableInfoKHR which = {VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_INFO_KHR, NULL, pipeline, e};
    print_statistics(device, &which);
    if (get_texts && getenv("COMPILE_ONLY_TEXT")) print_texts(device, &which);
  }
}

static VKAPI_ATTR VkResult VKAPI_CALL create(VkDevice device, VkPipelineCache cache, uint32_t count,
                                             const VkComputePipelineCreateInfo *infos, const VkAllocationCallbacks *allocator,
                                             VkPipeline *pipelines) {
  VkComputePipelineCreateInfo *own = calloc(count, sizeof *own);
  for (uint32_t i = 0; i < count; i++) {
    own[i] = infos[i];
    own[i].flags |= VK_PIPELINE_CREATE_CAPTURE_STATISTICS_BIT_KHR;
    if (getenv("COMPILE_ONLY_TEXT")) own[i].flags |= VK_PIPELINE_CREATE_CAPTURE_INTERNAL_REPRESENTATIONS_BIT_KHR;
  }
  VkResult result = create_pipelines(device, VK_NULL_HANDLE, count, own, allocator, pipelines);
  free(own);
  for (uint32_t i = 0; i < count && result == VK_SUCCESS && get_executables && get_statistics; i++)
    print_pipeline(device, pipelines[i]);
  return result;
}

static VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL get_device(VkDevice device, const char *name) {
  PFN_vkVoidFunction known = of_device(device, name);
  if (known && strcmp(name, "vkCreateComputePipelines") == 0) {
    create_pipelines = (PFN_vkCreateComputePipelines)known;
    return (PFN_vkVoidFunction)create;
  }
  PFN_vkVoidFunction own = known ? idle(name) : NULL;
  return own ? own : known;
}

VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL vk_icdGetInstanceProcAddr(VkInstance instance, const char *name) {
  Find find = (Find)dlsym(driver(), "vk_icdGetInstanceProcAddr");
  PFN_vkVoidFunction known = find(instance, name);
  if (known && strcmp(name, "vkGetDeviceProcAddr") == 0) {
    get_executables = (PFN_vkGetPipelineExecutablePropertiesKHR)find(instance, "vkGetPipelineExecutablePropertiesKHR");
    get_statistics = (PFN_vkGetPipelineExecutableStatisticsKHR)find(instance, "vkGetPipelineExecutableStatisticsKHR");
    get_texts = (PFN_vkGetPipelineExecutableInternalRepresentationsKHR)find(
        instance, "vkGetPipelineExecutableInternalRepresentationsKHR");
    of_device = (PFN_vkGetDeviceProcAddr)known;
    return (PFN_vkVoidFunction)get_device;
  }
  PFN_vkVoidFunction own = known ? idle(name) : NULL;
  return own ? own : known;
}

VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL vk_icdGetPhysicalDeviceProcAddr(VkInstance instance, const char *name) {
  return ((Find)dlsym(driver(), "vk_icdGetPhysicalDeviceProcAddr"))(instance, name);
}

VKAPI_ATTR VkResult VKAPI_CALL vk_icdNegotiateLoaderICDInterfaceVersion(uint32_t *version) {
  return ((VkResult(*)(uint32_t *))dlsym(driver(), "vk_icdNegotiateLoaderICDInterfaceVersion"))(version);
}
