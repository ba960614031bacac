/* SPDX-License-Identifier: ISC */
#include "modes.h"

#include <stdint.h>
#include <unistd.h>

#include "wire.h"

enum { OP_END = 0, OP_ISPEED = 128, OP_OSPEED = 129, OP_UNDEFINED = 160 };
#define NO_CHARACTER 255

#define AT(member) offsetof(struct termios, member)
#define INPUT AT(c_iflag)
#define OUTPUT AT(c_oflag)
#define CONTROL AT(c_cflag)
#define LOCAL AT(c_lflag)

/* VDSUSP (11), VFLUSH (15) and VSTATUS (17) are unknown to Linux. */
static const struct {
    uint8_t opcode, index;
} characters[] = {
    {1, VINTR},
    {2, VQUIT},
    {3, VERASE},
    {4, VKILL},
    {5, VEOF},
    {6, VEOL},
    {7, VEOL2},
    {8, VSTART},
    {9, VSTOP},
    {10, VSUSP},
    /**/
    {12, VREPRINT},
    {13, VWERASE},
    {14, VLNEXT},
    {16, VSWTC},
    {18, VDISCARD},
};

static const struct {
    uint8_t opcode;
    size_t field;
    tcflag_t flag;
} flags[] = {
    {30, INPUT, IGNPAR},   {31, INPUT, PARMRK},   {32, INPUT, INPCK},  {33, INPUT, ISTRIP},
    {34, INPUT, INLCR},    {35, INPUT, IGNCR},    {36, INPUT, ICRNL},  {37, INPUT, IUCLC},
    {38, INPUT, IXON},     {39, INPUT, IXANY},    {40, INPUT, IXOFF},  {41, INPUT, IMAXBEL},
    {42, INPUT, IUTF8},    {50, LOCAL, ISIG},     {51, LOCAL, ICANON}, {52, LOCAL, XCASE},
    {53, LOCAL, ECHO},     {54, LOCAL, ECHOE},    {55, LOCAL, ECHOK},  {56, LOCAL, ECHONL},
    {57, LOCAL, NOFLSH},   {58, LOCAL, TOSTOP},   {59, LOCAL, IEXTEN}, {60, LOCAL, ECHOCTL},
    {61, LOCAL, ECHOKE},   {62, LOCAL, PENDIN},   {70, OUTPUT, OPOST}, {71, OUTPUT, OLCUC},
    {72, OUTPUT, ONLCR},   {73, OUTPUT, OCRNL},   {74, OUTPUT, ONOCR}, {75, OUTPUT, ONLRET},
    {92, CONTROL, PARENB}, {93, CONTROL, PARODD},
};

/* Not flags of their own: one is chosen, and the other then says 0, or 1 as well. */
static const struct {
    uint8_t opcode;
    tcflag_t size;
} sizes[] = {{90, CS7}, {91, CS8}};

static const struct {
    uint32_t bits_per_second;
    speed_t speed;
} speeds[] = {
    {50, B50},           {75, B75},           {110, B110},         {134, B134},
    {150, B150},         {200, B200},         {300, B300},         {600, B600},
    {1200, B1200},       {1800, B1800},       {2400, B2400},       {4800, B4800},
    {9600, B9600},       {19200, B19200},     {38400, B38400},     {57600, B57600},
    {115200, B115200},   {230400, B230400},   {460800, B460800},   {500000, B500000},
    {576000, B576000},   {921600, B921600},   {1000000, B1000000}, {1152000, B1152000},
    {1500000, B1500000}, {2000000, B2000000}, {2500000, B2500000}, {3000000, B3000000},
    {3500000, B3500000}, {4000000, B4000000},
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static void set_speed(struct termios *modes, uint8_t opcode, uint32_t value)
{
    for (size_t i = 0; i < COUNT(speeds); i++) {
        if (speeds[i].bits_per_second != value)
            continue;
        if (opcode == OP_ISPEED)
            cfsetispeed(modes, speeds[i].speed);
        else
            cfsetospeed(modes, speeds[i].speed);
    }
}

static void set_character(struct termios *modes, uint8_t index, uint32_t value)
{
    if (value <= NO_CHARACTER)
        modes->c_cc[index] = value == NO_CHARACTER ? _POSIX_VDISABLE : (cc_t)value;
}

static void set(struct termios *modes, uint8_t opcode, uint32_t value)
{
    for (size_t i = 0; i < COUNT(characters); i++)
        if (characters[i].opcode == opcode)
            set_character(modes, characters[i].index, value);
    for (size_t i = 0; i < COUNT(flags); i++) {
        tcflag_t *field = (tcflag_t *)((char *)modes + flags[i].field);
        if (flags[i].opcode == opcode)
            *field = value ? *field | flags[i].flag : *field & ~flags[i].flag;
    }
    for (size_t i = 0; i < COUNT(sizes); i++)
        if (sizes[i].opcode == opcode && value)
            modes->c_cflag = (modes->c_cflag & ~(tcflag_t)CSIZE) | sizes[i].size;
    if (opcode == OP_ISPEED || opcode == OP_OSPEED)
        set_speed(modes, opcode, value);
}

int modes_apply(const unsigned char *encoded, size_t length, struct termios *modes)
{
    struct wire wire = {encoded, length, false};
    struct termios result = *modes;

    while (wire.left) {
        uint8_t opcode = wire_byte(&wire);
        if (opcode == OP_END || opcode >= OP_UNDEFINED)
            break;
        uint32_t value = wire_uint32(&wire);
        if (wire.broken)
            return -1;
        set(&result, opcode, value);
    }
    *modes = result;
    return 0;
}
