/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Registers of a Caliptra as a SoC sees them: mbox_csr and soc_ifc_reg of the
 * core, and in a subsystem those of the MCI: mci_reg and the MCU's mailboxes.
 *
 * Names, offsets and fields are those of caliptra-rtl, mbox_csr.rdl and
 * soc_ifc_*.rdl, and of caliptra-ss, mci_reg.rdl and mcu_mbox_csr.rdl. The latter
 * two have a prefix of their own here. Every register is 32 bits wide,
 * little-endian, and only to be accessed 32 bits at a time. The driver and the
 * software Caliptra both use this file, so it needs nothing but the C
 * preprocessor.
 */
#ifndef CALIPTRA_REGS_H
#define CALIPTRA_REGS_H

/* Where the reference address map puts the two blocks (AXI). */
#define CALIPTRA_MBOX_CSR_BASE	  0x30020000u
#define CALIPTRA_SOC_IFC_REG_BASE 0x30030000u

/* mbox_csr */
#define MBOX_LOCK    0x000
#define MBOX_USER    0x004
#define MBOX_CMD     0x008
#define MBOX_DLEN    0x00c
#define MBOX_DATAIN  0x010
#define MBOX_DATAOUT 0x014
#define MBOX_EXECUTE 0x018
#define MBOX_STATUS  0x01c
#define MBOX_UNLOCK  0x020
#define TAP_MODE     0x024

#define MBOX_LOCK_LOCK	     (1u << 0)
#define MBOX_EXECUTE_EXECUTE (1u << 0)
#define MBOX_UNLOCK_UNLOCK   (1u << 0)

#define MBOX_STATUS_STATUS_MASK	     0xfu
#define MBOX_STATUS_CMD_BUSY	     0u
#define MBOX_STATUS_DATA_READY	     1u
#define MBOX_STATUS_CMD_COMPLETE     2u
#define MBOX_STATUS_CMD_FAILURE	     3u
#define MBOX_STATUS_ECC_SINGLE_ERROR (1u << 4)
#define MBOX_STATUS_ECC_DOUBLE_ERROR (1u << 5)
#define MBOX_STATUS_FSM_PS_SHIFT     6
#define MBOX_STATUS_FSM_PS_MASK	     (7u << 6)
#define MBOX_STATUS_SOC_HAS_LOCK     (1u << 9)
#define MBOX_STATUS_RDPTR_SHIFT	     10
#define MBOX_STATUS_RDPTR_MASK	     (0xffffu << 10)
#define MBOX_STATUS_TAP_HAS_LOCK     (1u << 26)

/* MBOX_STATUS.mbox_fsm_ps */
#define MBOX_FSM_IDLE	      0u
#define MBOX_FSM_RDY_FOR_CMD  1u
#define MBOX_FSM_RDY_FOR_DATA 2u
#define MBOX_FSM_RDY_FOR_DLEN 3u
#define MBOX_FSM_EXECUTE_SOC  4u
#define MBOX_FSM_EXECUTE_TAP  5u
#define MBOX_FSM_EXECUTE_UC   6u
#define MBOX_FSM_ERROR	      7u

#define MBOX_STATUS_FSM_PS(status) \
	(((status) & MBOX_STATUS_FSM_PS_MASK) >> MBOX_STATUS_FSM_PS_SHIFT)

/* Size of the mailbox SRAM in bytes; CPTRA_HW_REV_ID and CPTRA_HW_CONFIG say which. */
#define CALIPTRA_MBOX_SIZE_1X	     (128u * 1024u)
#define CALIPTRA_MBOX_SIZE_PASSIVE   (256u * 1024u)
#define CALIPTRA_MBOX_SIZE_SUBSYSTEM (16u * 1024u)

/* soc_ifc_reg */
#define CPTRA_HW_ERROR_FATAL		     0x000
#define CPTRA_HW_ERROR_NON_FATAL	     0x004
#define CPTRA_FW_ERROR_FATAL		     0x008
#define CPTRA_FW_ERROR_NON_FATAL	     0x00c
#define CPTRA_HW_ERROR_ENC		     0x010
#define CPTRA_FW_ERROR_ENC		     0x014
#define CPTRA_FW_EXTENDED_ERROR_INFO	     0x018 /* 8 words */
#define CPTRA_BOOT_STATUS		     0x038
#define CPTRA_FLOW_STATUS		     0x03c
#define CPTRA_RESET_REASON		     0x040
#define CPTRA_SECURITY_STATE		     0x044
#define CPTRA_MBOX_VALID_AXI_USER	     0x048 /* 5 words */
#define CPTRA_MBOX_AXI_USER_LOCK	     0x05c /* 5 words */
#define CPTRA_TRNG_VALID_AXI_USER	     0x070
#define CPTRA_TRNG_AXI_USER_LOCK	     0x074
#define CPTRA_TRNG_DATA			     0x078 /* 12 words */
#define CPTRA_TRNG_CTRL			     0x0a8
#define CPTRA_TRNG_STATUS		     0x0ac
#define CPTRA_FUSE_WR_DONE		     0x0b0
#define CPTRA_TIMER_CONFIG		     0x0b4
#define CPTRA_BOOTFSM_GO		     0x0b8
#define CPTRA_DBG_MANUF_SERVICE_REG	     0x0bc
#define CPTRA_CLK_GATING_EN		     0x0c0
#define CPTRA_GENERIC_INPUT_WIRES	     0x0c4 /* 2 words */
#define CPTRA_GENERIC_OUTPUT_WIRES	     0x0cc /* 2 words */
#define CPTRA_HW_REV_ID			     0x0d4
#define CPTRA_FW_REV_ID			     0x0d8 /* 2 words */
#define CPTRA_HW_CONFIG			     0x0e0
#define CPTRA_WDT_TIMER1_EN		     0x0e4
#define CPTRA_WDT_TIMER1_CTRL		     0x0e8
#define CPTRA_WDT_TIMER1_TIMEOUT_PERIOD	     0x0ec /* 2 words */
#define CPTRA_WDT_TIMER2_EN		     0x0f4
#define CPTRA_WDT_TIMER2_CTRL		     0x0f8
#define CPTRA_WDT_TIMER2_TIMEOUT_PERIOD	     0x0fc /* 2 words */
#define CPTRA_WDT_STATUS		     0x104
#define CPTRA_FUSE_VALID_AXI_USER	     0x108
#define CPTRA_FUSE_AXI_USER_LOCK	     0x10c
#define CPTRA_WDT_CFG			     0x110 /* 2 words */
#define CPTRA_RSVD_REG			     0x120 /* 2 words */
#define CPTRA_HW_CAPABILITIES		     0x128
#define CPTRA_FW_CAPABILITIES		     0x12c
#define CPTRA_CAP_LOCK			     0x130
#define CPTRA_OWNER_PK_HASH		     0x140 /* 12 words */
#define CPTRA_OWNER_PK_HASH_LOCK	     0x170
#define CPTRA_ITRNG_ENTROPY_CONFIG	     0x180 /* 3 words */
#define CPTRA_ITRNG1_ENTROPY_CONFIG	     0x18c /* 3 words */
#define FUSE_UDS_SEED			     0x200 /* 16 words */
#define FUSE_FIELD_ENTROPY		     0x240 /* 8 words */
#define FUSE_VENDOR_PK_HASH		     0x260 /* 12 words */
#define FUSE_ECC_REVOCATION		     0x290
#define FUSE_FMC_KEY_MANIFEST_SVN	     0x2b4
#define FUSE_RUNTIME_SVN		     0x2b8 /* 4 words */
#define FUSE_ANTI_ROLLBACK_DISABLE	     0x2c8
#define FUSE_IDEVID_CERT_ATTR		     0x2cc /* 24 words */
#define FUSE_IDEVID_MANUF_HSM_ID	     0x32c /* 4 words */
#define FUSE_LMS_REVOCATION		     0x340
#define FUSE_MLDSA_REVOCATION		     0x344
#define FUSE_SOC_STEPPING_ID		     0x348
#define FUSE_MANUF_DBG_UNLOCK_TOKEN	     0x34c /* 16 words */
#define FUSE_PQC_KEY_TYPE		     0x38c
#define FUSE_SOC_MANIFEST_SVN		     0x390 /* 4 words */
#define FUSE_SOC_MANIFEST_MAX_SVN	     0x3a0
#define FUSE_HEK_SEED			     0x3c0 /* 8 words */
#define SS_CALIPTRA_BASE_ADDR_L		     0x500
#define SS_MCI_BASE_ADDR_L		     0x508
#define SS_DEBUG_INTENT			     0x530
#define SS_CALIPTRA_DMA_AXI_USER	     0x534
#define SS_EXTERNAL_STAGING_AREA_BASE_ADDR_L 0x538
#define SS_KEY_RELEASE_BASE_ADDR_L	     0x540
#define SS_KEY_RELEASE_SIZE		     0x548
#define SS_OCP_LOCK_CTRL		     0x54c
#define SS_STRAP_GENERIC		     0x5a0 /* 4 words */
#define SS_DBG_SERVICE_REG_REQ		     0x5c0
#define SS_DBG_SERVICE_REG_RSP		     0x5c4
#define SS_SOC_DBG_UNLOCK_LEVEL		     0x5c8 /* 2 words */
#define SS_GENERIC_FW_EXEC_CTRL		     0x5d0 /* 4 words */
#define INTERNAL_OBF_KEY		     0x600 /* 8 words */

#define CPTRA_HW_ERROR_FATAL_ICCM_ECC_UNC (1u << 0)
#define CPTRA_HW_ERROR_FATAL_DCCM_ECC_UNC (1u << 1)
#define CPTRA_HW_ERROR_FATAL_NMI_PIN	  (1u << 2)
#define CPTRA_HW_ERROR_FATAL_CRYPTO_ERR	  (1u << 3)

#define CPTRA_HW_ERROR_NON_FATAL_MBOX_PROT_NO_LOCK (1u << 0)
#define CPTRA_HW_ERROR_NON_FATAL_MBOX_PROT_OOO	   (1u << 1)
#define CPTRA_HW_ERROR_NON_FATAL_MBOX_ECC_UNC	   (1u << 2)

#define CPTRA_FLOW_STATUS_STATUS_MASK		  0x00ffffffu
#define CPTRA_FLOW_STATUS_IDEVID_CSR_READY	  (1u << 24)
#define CPTRA_FLOW_STATUS_BOOT_FSM_PS_SHIFT	  25
#define CPTRA_FLOW_STATUS_BOOT_FSM_PS_MASK	  (7u << 25)
#define CPTRA_FLOW_STATUS_READY_FOR_MB_PROCESSING (1u << 28)
#define CPTRA_FLOW_STATUS_READY_FOR_RUNTIME	  (1u << 29)
#define CPTRA_FLOW_STATUS_READY_FOR_FUSES	  (1u << 30)
#define CPTRA_FLOW_STATUS_MAILBOX_FLOW_DONE	  (1u << 31)

#define CPTRA_SECURITY_STATE_DEVICE_LIFECYCLE_MASK 3u
#define CPTRA_SECURITY_STATE_DEBUG_LOCKED	   (1u << 2)
#define CPTRA_SECURITY_STATE_SCAN_MODE		   (1u << 3)

#define CPTRA_RESET_REASON_FW_UPD_RESET (1u << 0)
#define CPTRA_RESET_REASON_WARM_RESET	(1u << 1)

#define CPTRA_DBG_MANUF_SERVICE_REG_GEN_IDEV_CSR (1u << 0)

#define CPTRA_WDT_STATUS_T1_TIMEOUT (1u << 0)
#define CPTRA_WDT_STATUS_T2_TIMEOUT (1u << 1)

#define CPTRA_HW_REV_ID_CPTRA_GENERATION_MASK 0xffffu
#define CPTRA_HW_REV_ID_MAJOR(rev)	      ((rev) & 0xfu)
#define CPTRA_HW_REV_ID_MINOR(rev)	      (((rev) >> 4) & 0xfu)
#define CPTRA_HW_REV_ID_PATCH(rev)	      (((rev) >> 8) & 0xffu)
#define CPTRA_HW_REV_ID_SOC_STEPPING_ID_SHIFT 16

#define CPTRA_HW_CONFIG_ITRNG_EN	  (1u << 0)
#define CPTRA_HW_CONFIG_FUSE_GRANULARITY  (1u << 1)
#define CPTRA_HW_CONFIG_LMS_ACC_EN	  (1u << 4)
#define CPTRA_HW_CONFIG_SUBSYSTEM_MODE_EN (1u << 5)
#define CPTRA_HW_CONFIG_OCP_LOCK_MODE_EN  (1u << 6)

/* Where the reference address map puts the MCI, and what is in its window (AXI). */
#define CALIPTRA_MCI_BASE 0x21000000u
#define CALIPTRA_MCI_SIZE 0x01000000u

#define CALIPTRA_MCI_REG       0x000000
#define CALIPTRA_MCI_MCU_MBOX0 0x400000
#define CALIPTRA_MCI_MCU_MBOX1 0x800000

#define CALIPTRA_MCI_REG_SIZE 0x2000

/* mcu_mbox: SRAM first, of which less may be implemented, then registers. */
#define CALIPTRA_MCU_MBOX_SRAM	    0x000000
#define CALIPTRA_MCU_MBOX_CSR	    0x200000
#define CALIPTRA_MCU_MBOX_SRAM_SIZE 0x200000 /* at most */

/* mcu_mbox_csr */
#define MCU_MBOX_LOCK		   0x000
#define MCU_MBOX_USER		   0x004
#define MCU_MBOX_TARGET_USER	   0x008
#define MCU_MBOX_TARGET_USER_VALID 0x00c
#define MCU_MBOX_CMD		   0x010
#define MCU_MBOX_DLEN		   0x014
#define MCU_MBOX_EXECUTE	   0x018
#define MCU_MBOX_TARGET_STATUS	   0x01c
#define MCU_MBOX_CMD_STATUS	   0x020
#define MCU_MBOX_HW_STATUS	   0x024

#define MCU_MBOX_LOCK_LOCK		 (1u << 0)
#define MCU_MBOX_TARGET_USER_VALID_VALID (1u << 0)
#define MCU_MBOX_EXECUTE_EXECUTE	 (1u << 0)

/* Both statuses are one of MBOX_STATUS_CMD_BUSY to MBOX_STATUS_CMD_FAILURE. */
#define MCU_MBOX_TARGET_STATUS_STATUS_MASK  0xfu
#define MCU_MBOX_TARGET_STATUS_DONE	    (1u << 4)
#define MCU_MBOX_CMD_STATUS_STATUS_MASK	    0xfu
#define MCU_MBOX_HW_STATUS_ECC_SINGLE_ERROR (1u << 0)
#define MCU_MBOX_HW_STATUS_ECC_DOUBLE_ERROR (1u << 1)

/* mci_reg */
#define MCI_HW_CAPABILITIES		      0x000
#define MCI_FW_CAPABILITIES		      0x004
#define MCI_CAP_LOCK			      0x008
#define MCI_HW_REV_ID			      0x00c
#define MCI_FW_REV_ID			      0x010 /* 2 words */
#define MCI_HW_CONFIG0			      0x018
#define MCI_HW_CONFIG1			      0x01c
#define MCI_MCU_IFU_AXI_USER		      0x020
#define MCI_MCU_LSU_AXI_USER		      0x024
#define MCI_MCU_SRAM_CONFIG_AXI_USER	      0x028
#define MCI_MCI_SOC_CONFIG_AXI_USER	      0x02c
#define MCI_FW_FLOW_STATUS		      0x030
#define MCI_HW_FLOW_STATUS		      0x034
#define MCI_RESET_REASON		      0x038
#define MCI_RESET_STATUS		      0x03c
#define MCI_SECURITY_STATE		      0x040
#define MCI_HW_ERROR_FATAL		      0x050
#define MCI_AGG_ERROR_FATAL		      0x054
#define MCI_HW_ERROR_NON_FATAL		      0x058
#define MCI_AGG_ERROR_NON_FATAL		      0x05c
#define MCI_FW_ERROR_FATAL		      0x060
#define MCI_FW_ERROR_NON_FATAL		      0x064
#define MCI_HW_ERROR_ENC		      0x068
#define MCI_FW_ERROR_ENC		      0x06c
#define MCI_FW_EXTENDED_ERROR_INFO	      0x070 /* 8 words */
#define MCI_INTERNAL_HW_ERROR_FATAL_MASK      0x090
#define MCI_INTERNAL_HW_ERROR_NON_FATAL_MASK  0x094
#define MCI_INTERNAL_AGG_ERROR_FATAL_MASK     0x098
#define MCI_INTERNAL_AGG_ERROR_NON_FATAL_MASK 0x09c
#define MCI_INTERNAL_FW_ERROR_FATAL_MASK      0x0a0
#define MCI_INTERNAL_FW_ERROR_NON_FATAL_MASK  0x0a4
#define MCI_MBOX0_VALID_AXI_USER	      0x180 /* 5 words */
#define MCI_MBOX0_AXI_USER_LOCK		      0x1a0 /* 5 words */
#define MCI_MBOX1_VALID_AXI_USER	      0x1c0 /* 5 words */
#define MCI_MBOX1_AXI_USER_LOCK		      0x1e0 /* 5 words */
#define MCI_GENERIC_INPUT_WIRES		      0x400 /* 2 words */
#define MCI_GENERIC_OUTPUT_WIRES	      0x408 /* 2 words */
#define MCI_SS_DEBUG_INTENT		      0x418
#define MCI_SS_CONFIG_DONE_STICKY	      0x440
#define MCI_SS_CONFIG_DONE		      0x444

/* Patch, minor and major version. */
#define MCI_HW_REV_ID_MC_GENERATION_MASK 0xffffu
#define MCI_HW_REV_ID_MAJOR(rev)	 (((rev) >> 12) & 0xfu)
#define MCI_HW_REV_ID_MINOR(rev)	 (((rev) >> 8) & 0xfu)
#define MCI_HW_REV_ID_PATCH(rev)	 ((rev) & 0xffu)

/* Sizes of the SRAM in KiB; 0 is a mailbox that there is not. */
#define MCI_HW_CONFIG0_MCU_MBOX1_SRAM_SIZE_MASK	 0xfffu
#define MCI_HW_CONFIG0_MCU_MBOX0_SRAM_SIZE_SHIFT 12
#define MCI_HW_CONFIG0_MCU_MBOX0_SRAM_SIZE_MASK	 (0xfffu << 12)
#define MCI_HW_CONFIG1_MCU_SRAM_SIZE_SHIFT	 5

/* What MCU firmware writes there: how far it is, and what it has done. */
#define MCI_FW_FLOW_STATUS_CHECKPOINT_MASK	       0xffffu
#define MCI_FW_FLOW_STATUS_ROM_STARTED		       (1u << 16)
#define MCI_FW_FLOW_STATUS_CPTRA_BOOT_GO_ASSERTED      (1u << 17)
#define MCI_FW_FLOW_STATUS_CPTRA_FUSES_WRITTEN	       (1u << 18)
#define MCI_FW_FLOW_STATUS_RI_DOWNLOAD_COMPLETED       (1u << 19)
#define MCI_FW_FLOW_STATUS_COLD_BOOT_FLOW_COMPLETE     (1u << 21)
#define MCI_FW_FLOW_STATUS_WARM_RESET_FLOW_COMPLETE    (1u << 22)
#define MCI_FW_FLOW_STATUS_FIRMWARE_BOOT_FLOW_COMPLETE (1u << 23)
#define MCI_FW_FLOW_STATUS_FIRMWARE_OS_INITIALIZED     (1u << 24)
#define MCI_FW_FLOW_STATUS_FIRMWARE_MAILBOX_READY      (1u << 25)

#define MCI_HW_FLOW_STATUS_BOOT_FSM_MASK 0xfu

#define MCI_RESET_REASON_FW_HITLESS_UPD_RESET (1u << 0)
#define MCI_RESET_REASON_FW_BOOT_UPD_RESET    (1u << 1)
#define MCI_RESET_REASON_WARM_RESET	      (1u << 2)

#define MCI_RESET_STATUS_CPTRA_RESET_STS (1u << 0)
#define MCI_RESET_STATUS_MCU_RESET_STS	 (1u << 1)

/* The core's own error wires, as part of the errors of all. */
#define MCI_AGG_ERROR_FATAL_CPTRA_ERROR_FATAL	      (1u << 0)
#define MCI_AGG_ERROR_NON_FATAL_CPTRA_ERROR_NON_FATAL (1u << 0)

#define MCI_HW_ERROR_FATAL_MCU_SRAM_ECC_UNC	      (1u << 0)
#define MCI_HW_ERROR_FATAL_NMI_PIN		      (1u << 1)
#define MCI_HW_ERROR_FATAL_MCU_SRAM_DMI_AXI_COLLISION (1u << 2)
#define MCI_HW_ERROR_NON_FATAL_MBOX0_ECC_UNC	      (1u << 0)
#define MCI_HW_ERROR_NON_FATAL_MBOX1_ECC_UNC	      (1u << 1)

#endif /* CALIPTRA_REGS_H */
