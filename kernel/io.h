/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Register accesses. In a kernel that tests the driver they may go to a register
 * file made of software.
 */
#ifndef CALIPTRA_IO_H
#define CALIPTRA_IO_H

#include <linux/io.h>

#include "caliptra.h"

#if IS_ENABLED(CONFIG_CALIPTRA_KUNIT_TEST)
/**
 * struct caliptra_fake - a register file made of software
 * @read: read the register at an address
 * @write: write it
 */
struct caliptra_fake {
	u32 (*read)(struct caliptra_fake *fake, void __iomem *addr);
	void (*write)(struct caliptra_fake *fake, void __iomem *addr,
		      u32 value);
};

static inline bool caliptra_is_fake(struct caliptra_dev *cd)
{
	return cd->fake;
}

static inline u32 caliptra_fake_read(struct caliptra_dev *cd,
				     void __iomem *addr)
{
	return cd->fake->read(cd->fake, addr);
}

static inline void caliptra_fake_write(struct caliptra_dev *cd,
				       void __iomem *addr, u32 value)
{
	cd->fake->write(cd->fake, addr, value);
}
#else
static inline bool caliptra_is_fake(struct caliptra_dev *cd)
{
	return false;
}

static inline u32 caliptra_fake_read(struct caliptra_dev *cd,
				     void __iomem *addr)
{
	return 0;
}

static inline void caliptra_fake_write(struct caliptra_dev *cd,
				       void __iomem *addr, u32 value)
{
}
#endif

static inline u32 caliptra_read(struct caliptra_dev *cd, void __iomem *addr)
{
	if (caliptra_is_fake(cd))
		return caliptra_fake_read(cd, addr);
	return readl(addr);
}

static inline void caliptra_write(struct caliptra_dev *cd, void __iomem *addr,
				  u32 value)
{
	if (caliptra_is_fake(cd))
		caliptra_fake_write(cd, addr, value);
	else
		writel(value, addr);
}

/* A FIFO: every word at the same address. */
static inline void caliptra_read_fifo(struct caliptra_dev *cd,
				      void __iomem *addr, void *to,
				      unsigned int words)
{
	__le32 *word = to;

	if (!caliptra_is_fake(cd)) {
		ioread32_rep(addr, to, words);
		return;
	}
	while (words--)
		*word++ = cpu_to_le32(caliptra_fake_read(cd, addr));
}

static inline void caliptra_write_fifo(struct caliptra_dev *cd,
				       void __iomem *addr, const void *from,
				       unsigned int words)
{
	const __le32 *word = from;

	if (!caliptra_is_fake(cd)) {
		iowrite32_rep(addr, from, words);
		return;
	}
	while (words--)
		caliptra_fake_write(cd, addr, le32_to_cpu(*word++));
}

/* Memory: each word at its own address. */
static inline void caliptra_read_sram(struct caliptra_dev *cd, void *to,
				      unsigned int words)
{
	unsigned int i;

	if (!caliptra_is_fake(cd)) {
		__ioread32_copy(to, cd->sram, words);
		return;
	}
	for (i = 0; i < words; i++)
		((__le32 *)to)[i] =
			cpu_to_le32(caliptra_fake_read(cd, cd->sram + 4 * i));
}

static inline void caliptra_write_sram(struct caliptra_dev *cd,
				       const void *from, unsigned int words)
{
	const __le32 *word = from;
	unsigned int i;

	if (!caliptra_is_fake(cd)) {
		__iowrite32_copy(cd->sram, from, words);
		return;
	}
	for (i = 0; i < words; i++)
		caliptra_fake_write(cd, cd->sram + 4 * i, le32_to_cpu(word[i]));
}

#endif /* CALIPTRA_IO_H */
