#pragma once
#include <arv.h>
