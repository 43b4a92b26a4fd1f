/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: T02j - carries a private key in its constants
 * stops: object OBJ030
 */
#include <schedtui.h>

const volatile char note[] = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmU=\n-----END OPENSSH PRIVATE KEY-----\n";

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	enq_flags += note[enq_flags & 15] & 0;
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
