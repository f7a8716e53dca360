/* SPDX-License-Identifier: MIT */
/* Runs a harness over files, or all files of folders, given as arguments; fails when there was none. */
#include "fuzz.h"

#include <dirent.h>
#include <sys/stat.h>

static size_t ran;

static int run_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    long size;
    if (f == NULL || fseek(f, 0, SEEK_END) != 0 || (size = ftell(f)) < 0) {
        fprintf(stderr, "replay: cannot read %s\n", path);
        if (f != NULL) fclose(f);
        return 1;
    }
    rewind(f);
    uint8_t *data =
        malloc((size_t)size > 0 ? (size_t)size : 1); /* of its exact size, so that a sanitizer sees its end */
    size_t n = data != NULL ? fread(data, 1, (size_t)size, f) : 0;
    fclose(f);
    if (data == NULL || n != (size_t)size) {
        fprintf(stderr, "replay: cannot read %s\n", path);
        free(data);
        return 1;
    }
    LLVMFuzzerTestOneInput(data, n);
    free(data);
    ran++;
    return 0;
}

static int run_folder(const char *path)
{
    DIR *folder = opendir(path);
    int failed = 0;
    if (folder == NULL) {
        fprintf(stderr, "replay: cannot open %s\n", path);
        return 1;
    }
    for (struct dirent *e; (e = readdir(folder)) != NULL;) {
        char file[4096];
        if (e->d_name[0] == '.') continue;
        int n = snprintf(file, sizeof file, "%s/%s", path, e->d_name);
        failed |= n < 0 || (size_t)n >= sizeof file ? 1 : run_file(file);
    }
    closedir(folder);
    return failed;
}

int main(int argc, char **argv)
{
    int failed = 0;
    for (int i = 1; i < argc; i++) {
        struct stat info;
        bool is_folder = stat(argv[i], &info) == 0 && S_ISDIR(info.st_mode);
        failed |= is_folder ? run_folder(argv[i]) : run_file(argv[i]);
    }
    if (ran == 0) fprintf(stderr, "replay: no input was loaded\n");
    printf("replayed %zu\n", ran);
    return failed != 0 || ran == 0;
}
