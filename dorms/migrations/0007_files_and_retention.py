"""Drafts, papers, corrections and supplements of applications; the notice of C-21; how long files are kept (C-26)."""

from datetime import date

import sqlalchemy as sa
from alembic import op

from common.db import BigId, JsonValue, UtcInstant

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

SINCE = date(2010, 1, 1)

NUMBERS = (
    ("dorm.keepApplicationYears", 3, "C-26"),
    ("dorm.keepContractYears", 10, "C-26"),
    ("dorm.supplementDays", 7, "D-10"),
)

NOTICE = (
    ("agency", "蒐集機關", "Collected by", "臺北市政府秘書處。", "The Secretariat, Taipei City Government."),
    ("purpose", "目的", "Purpose", "辦理職務宿舍的申請、積點、排序、核配與借用管理。", "Staff quarters: applying, points, ranking, allotment and the stay."),
    ("kinds", "類別", "Kinds of data", "姓名、服務機關、職等、年資、考績、眷口、居住與自有住宅狀況、證明文件；有需要時含身心障礙證明。", "Name, agency, grade, service, appraisals, family, home and home ownership, papers; where needed, proof of a disability."),
    ("use", "期間、地區、對象與方式", "Period, area, receivers, way", "保存到期限屆滿（見下方「保存期限」）；在臺北市使用；只有本人與宿舍管理人看得到，每次查看都會留下紀錄；公布的名次只有代碼與得分。", "Kept until the period ends (see “How long”); used in Taipei; seen by you and the dormitory officer only, each look being written down; the published ranking has codes and points only."),
    ("rights", "你的權利", "Your rights", "查詢或閱覽、要求複本、補充或更正、要求停止蒐集處理利用、要求刪除。在「我的宿舍資料」可以自己查閱與下載。", "To read, to have a copy, to complete or correct, to have its use stopped, to have it deleted. Read and download it yourself under “My dormitory data”."),
    ("effect", "不提供的影響", "If you do not give it", "無法判斷資格或計算積點，就不能配借。", "Eligibility and points cannot be worked out, and no room can be let."),
    ("file", "檔案名稱", "Name of the file", "職務宿舍借用檔。", "File of staff quarters."),
    ("keeper", "保有機關與聯絡方式", "Keeper and contact", "臺北市政府秘書處財產管理科。", "Property Section, Secretariat, Taipei City Government."),
    ("basis", "法律依據", "Legal basis", "個人資料保護法第 15 條、第 16 條：執行法定職務必要範圍內；宿舍管理手冊。", "Personal Data Protection Act, articles 15 and 16: within what the duty needs; the Manual of Quarters."),
)  # fmt: skip


def upgrade() -> None:
    op.add_column("application", sa.Column("notice_version", sa.String(20), nullable=False, server_default=""))
    op.add_column("application", sa.Column("anonymised_at", UtcInstant(), nullable=True))
    op.add_column("tenancy", sa.Column("anonymised_at", UtcInstant(), nullable=True))
    op.create_table(
        "draft",
        sa.Column("id", BigId, nullable=False),
        sa.Column("round_id", BigId, nullable=False),
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("typed", JsonValue, nullable=False),
        sa.Column("saved_at", UtcInstant(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name="fk_draft_round_id_round"),
        sa.PrimaryKeyConstraint("id", name="pk_draft"),
        sa.UniqueConstraint("round_id", "person_id", name="uq_draft_one_each"),
    )
    op.create_index("ix_draft_person_id", "draft", ["person_id"])
    op.create_table(
        "correction",
        sa.Column("id", BigId, nullable=False),
        sa.Column("round_id", BigId, nullable=False),
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("question", sa.String(30), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("asked_at", UtcInstant(), nullable=False),
        sa.Column("decided_at", UtcInstant(), nullable=True),
        sa.Column("decided_by_id", BigId, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('asked', 'granted', 'refused')", name=op.f("ck_correction_state_known")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name="fk_correction_round_id_round"),
        sa.PrimaryKeyConstraint("id", name="pk_correction"),
    )
    op.create_index("ix_correction_person", "correction", ["person_id", "round_id"])
    op.create_index("ix_correction_round_id", "correction", ["round_id"])
    op.create_table(
        "application_paper",
        sa.Column("id", BigId, nullable=False),
        sa.Column("application_id", BigId, nullable=True),
        sa.Column("correction_id", BigId, nullable=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("filename", sa.String(120), nullable=False),
        sa.Column("media_type", sa.String(100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("stored", sa.String(40), nullable=False),
        sa.Column("sent_at", UtcInstant(), nullable=False),
        sa.Column("by_id", BigId, nullable=False),
        sa.Column("deleted_at", UtcInstant(), nullable=True),
        sa.Column("deleted_by_id", BigId, nullable=True),
        sa.Column("deleted_reason", sa.Text(), nullable=False),
        sa.CheckConstraint("size > 0", name=op.f("ck_application_paper_not_empty")),
        sa.CheckConstraint(
            "(application_id IS NULL) <> (correction_id IS NULL)", name=op.f("ck_application_paper_of_one_file")
        ),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name="fk_application_paper_application_id_application"
        ),
        sa.ForeignKeyConstraint(
            ["correction_id"], ["correction.id"], name="fk_application_paper_correction_id_correction"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_application_paper"),
        sa.UniqueConstraint("stored", name="uq_application_paper_one_row_a_file"),
    )
    op.create_index("ix_application_paper_application_id", "application_paper", ["application_id"])
    op.create_index("ix_application_paper_correction_id", "application_paper", ["correction_id"])
    op.create_table(
        "supplement",
        sa.Column("id", BigId, nullable=False),
        sa.Column("application_id", BigId, nullable=False),
        sa.Column("kinds", JsonValue, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("asked_at", UtcInstant(), nullable=False),
        sa.Column("asked_by_id", BigId, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("answered_at", UtcInstant(), nullable=True),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name="fk_supplement_application_id_application"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_supplement"),
    )
    op.create_index("ix_supplement_application_id", "supplement", ["application_id"])
    op.create_table(
        "statistic",
        sa.Column("id", BigId, nullable=False),
        sa.Column("what", sa.String(12), nullable=False),
        sa.Column("round_number", sa.String(20), nullable=False),
        sa.Column("room_kind", sa.String(10), nullable=False),
        sa.Column("points", sa.String(12), nullable=True),
        sa.Column("outcome", sa.String(12), nullable=False),
        sa.Column("began", sa.Date(), nullable=False),
        sa.Column("ended", sa.Date(), nullable=False),
        sa.Column("anonymised_on", sa.Date(), nullable=False),
        sa.CheckConstraint("what IN ('application', 'contract')", name=op.f("ck_statistic_what_known")),
        sa.PrimaryKeyConstraint("id", name="pk_statistic"),
    )
    op.create_index("ix_statistic_anonymised_on", "statistic", ["anonymised_on"])
    notice = op.create_table(
        "privacy_notice",
        sa.Column("id", BigId, nullable=False),
        sa.Column("version", sa.String(20), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("parts", JsonValue, nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_privacy_notice"),
        sa.UniqueConstraint("version", name="uq_privacy_notice_version"),
        sa.UniqueConstraint("since", name="uq_privacy_notice_since"),
    )
    parts = [dict(zip(("key", "title", "title_en", "zh", "en"), part, strict=True)) for part in NOTICE]
    op.bulk_insert(notice, [{"version": "sample-1", "since": SINCE, "parts": parts, "sample": True}])
    parameter = sa.table(
        "parameter", sa.column("key"), sa.column("value"), sa.column("since", sa.Date()), sa.column("rule"),
        sa.column("sample", sa.Boolean()),
    )  # fmt: skip
    op.bulk_insert(
        parameter,
        [{"key": key, "value": value, "since": SINCE, "rule": rule, "sample": True} for key, value, rule in NUMBERS],
    )


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
