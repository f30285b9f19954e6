/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints: a command has the mailbox, was handed over, has its answer, or
 * failed.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM caliptra

/* clang-format off */
#if !defined(CALIPTRA_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define CALIPTRA_TRACE_H

#include <linux/tracepoint.h>

#include "caliptra.h"

DECLARE_EVENT_CLASS(caliptra_txn,
	TP_PROTO(struct caliptra_dev *cd, const struct caliptra_txn *txn),
	TP_ARGS(cd, txn),
	TP_STRUCT__entry(
		__field(int, index)
		__field(u32, cmd)
		__field(u32, req_len)
	),
	TP_fast_assign(
		__entry->index = cd->index;
		__entry->cmd = txn->cmd;
		__entry->req_len = txn->req_len;
	),
	TP_printk("caliptra-mbox%d cmd=0x%08x req_len=%u",
		  __entry->index, __entry->cmd, __entry->req_len)
);

DEFINE_EVENT(caliptra_txn, caliptra_lock,
	TP_PROTO(struct caliptra_dev *cd, const struct caliptra_txn *txn),
	TP_ARGS(cd, txn)
);

DEFINE_EVENT(caliptra_txn, caliptra_execute,
	TP_PROTO(struct caliptra_dev *cd, const struct caliptra_txn *txn),
	TP_ARGS(cd, txn)
);

TRACE_EVENT(caliptra_complete,
	TP_PROTO(struct caliptra_dev *cd, const struct caliptra_txn *txn),
	TP_ARGS(cd, txn),
	TP_STRUCT__entry(
		__field(int, index)
		__field(u32, cmd)
		__field(u32, status)
		__field(u32, rsp_len)
		__field(u64, ns)
	),
	TP_fast_assign(
		__entry->index = cd->index;
		__entry->cmd = txn->cmd;
		__entry->status = txn->status;
		__entry->rsp_len = txn->rsp_len;
		__entry->ns = ktime_get_ns() - txn->sent_ns;
	),
	TP_printk("caliptra-mbox%d cmd=0x%08x status=0x%08x rsp_len=%u ns=%llu",
		  __entry->index, __entry->cmd, __entry->status,
		  __entry->rsp_len, __entry->ns)
);

TRACE_EVENT(caliptra_error,
	TP_PROTO(struct caliptra_dev *cd, const struct caliptra_txn *txn,
		 int error),
	TP_ARGS(cd, txn, error),
	TP_STRUCT__entry(
		__field(int, index)
		__field(u32, cmd)
		__field(u32, status)
		__field(u32, fw_error)
		__field(u32, cause)
		__field(int, error)
		__field(bool, sent)
	),
	TP_fast_assign(
		__entry->index = cd->index;
		__entry->cmd = txn->cmd;
		__entry->status = txn->status;
		__entry->fw_error = txn->fw_error;
		__entry->cause = txn->cause;
		__entry->error = error;
		__entry->sent = txn->sent;
	),
	TP_printk("caliptra-mbox%d cmd=0x%08x error=%d status=0x%08x fw_error=0x%08x cause=%u sent=%d",
		  __entry->index, __entry->cmd, __entry->error,
		  __entry->status, __entry->fw_error, __entry->cause,
		  __entry->sent)
);

#endif /* CALIPTRA_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
