"""What may differ from the standard in a frame: one id each, with its weight and its explanation."""

from __future__ import annotations

from enum import Enum, StrEnum


class Severity(StrEnum):
    """How much a deviation matters."""

    NOTE = "note"  # taken as it is; the device page shows it
    LENIENT = "lenient"  # taken after a repair; a strict reader would refuse
    FATAL = "fatal"  # the piece is kept raw and its values are not used


class Deviation(Enum):
    """A difference from HJ 212. `value` is the id; `severity` and `text_zh` say what it means for the
    operator.
    """

    # framing
    GARBAGE = "garbage", Severity.FATAL, "帧外字节：不属于任何数据包"
    BAD_LENGTH = "bad_length", Severity.FATAL, "数据段长度与实际不符，或不是 4 位数字"
    OVER_LONG = "over_long", Severity.FATAL, "数据段长度超过本机设定的上限"
    TRUNCATED = "truncated", Severity.FATAL, "数据包不完整，连接已结束"
    CRC_NOT_HEX = "crc_not_hex", Severity.FATAL, "校验码不是 4 位十六进制数"
    CRC_MISMATCH = "crc_mismatch", Severity.FATAL, "CRC 校验不符"
    CRC_MODBUS = "crc_modbus", Severity.LENIENT, "校验码按 Modbus 算法计算，不是本标准算法"
    CRC_MODBUS_SWAPPED = "crc_modbus_swapped", Severity.LENIENT, "校验码按 Modbus 算法计算且高低字节颠倒"
    CRC_LOWER_CASE = "crc_lower_case", Severity.NOTE, "校验码用了小写字母"
    CRC_SHORT = "crc_short", Severity.LENIENT, "校验码不足 4 位（缺前面的零，或用空格补位），补零后相符"
    CRC_ZERO = "crc_zero", Severity.FATAL, "校验码为 0000 而与数据不符：设备没有计算校验码"
    LENGTH_FORM = "length_form", Severity.LENIENT, "数据段长度不是 4 位数字（缺前面的零，或用空格补位），校验相符"
    HEAD_AFTER_CP = "head_after_cp", Severity.LENIENT, "包头字段写在数据区之后"
    ENCRYPTED = "encrypted", Severity.FATAL, "数据区已加密，未取得可用的密钥"
    KEY_MISMATCH = "key_mismatch", Severity.FATAL, "数据区已加密，现有密钥都不能解开（校验不符）"
    LENGTH_OF_CIPHER_BYTES = "length_of_cipher_bytes", Severity.LENIENT, "数据段长度按密文字节数而不是按所发文字计算"
    CRC_OVER_CIPHERTEXT = "crc_over_ciphertext", Severity.LENIENT, "校验码按密文而不是按明文计算"
    OVER_STANDARD_LENGTH = "over_standard_length", Severity.LENIENT, "数据段超过标准规定的 1024 字节"
    LENGTH_IN_CHARACTERS = "length_in_characters", Severity.LENIENT, "数据段长度按字符而不是按字节计算"
    TAIL_LF = "tail_lf", Severity.LENIENT, "包尾只有换行，没有回车"
    TAIL_CR = "tail_cr", Severity.LENIENT, "包尾只有回车，没有换行"
    TAIL_MISSING = "tail_missing", Severity.LENIENT, "没有包尾（回车换行）"
    # head
    NO_CP = "no_cp", Severity.FATAL, "没有数据区 CP"
    CP_NOT_CLOSED = "cp_not_closed", Severity.FATAL, "数据区没有以 && 结束"
    NO_CN = "no_cn", Severity.FATAL, "没有命令编码 CN"
    NO_MN = "no_mn", Severity.FATAL, "没有设备唯一标识 MN"
    NO_ST = "no_st", Severity.LENIENT, "没有系统编码 ST"
    NO_PW = "no_pw", Severity.NOTE, "没有访问密码 PW"
    PW_FORM = "pw_form", Severity.NOTE, "访问密码 PW 不是 6 位字符"
    WRONG_PASSWORD = "wrong_password", Severity.FATAL, "访问密码 PW 与给出的不符"
    NO_QN = "no_qn", Severity.NOTE, "没有请求编码 QN（2005 版可以没有）"
    NO_FLAG = "no_flag", Severity.NOTE, "没有标志 Flag，MN 又不是 2005 版的 14 位；按 2005 版处理，不应答"
    QN_FORM = "qn_form", Severity.LENIENT, "请求编码 QN 不是 17 位时间"
    QN_FUTURE = "qn_future", Severity.NOTE, "请求编码 QN 比接收时间晚一天以上"
    ST_FORM = "st_form", Severity.NOTE, "系统编码 ST 不是两位"
    MN_FORM = (
        "mn_form",
        Severity.NOTE,
        "设备唯一标识 MN 不是 24 位十六进制数（2005、2025 版：至多 24 位字母、数字）",
    )
    FLAG_RANGE = "flag_range", Severity.FATAL, "标志 Flag 不是 0 到 255 的整数"
    FLAG_FORM = "flag_form", Severity.NOTE, "标志 Flag 前有多余的零"
    UNKNOWN_VERSION = "unknown_version", Severity.NOTE, "标志 Flag 中的版本号未知"
    SPLIT_WITHOUT_NUMBERS = "split_without_numbers", Severity.LENIENT, "标明拆包却没有总包数和包号，按整包使用"
    SPLIT_HALF_NUMBERED = "split_half_numbered", Severity.FATAL, "标明拆包，总包数和包号却只有一个，不知是哪一部分"
    PACKET_NUMBER_RANGE = "packet_number_range", Severity.FATAL, "包号不在 1 到总包数之间，或总包数超过 9999"
    NUMBERS_WITHOUT_SPLIT = "numbers_without_split", Severity.NOTE, "未标明拆包却带有总包数或包号"
    SPLIT_INCOMPLETE = "split_incomplete", Severity.LENIENT, "拆分的包没有到齐，按到达的部分使用"
    SPLIT_CONFLICT = "split_conflict", Severity.LENIENT, "同一包号先后两次内容不同，取后一次"
    HEAD_FORM = "head_form", Severity.LENIENT, "包头分隔不规范（逗号、缺分号或无等号的字段）"
    HEAD_ORDER = "head_order", Severity.NOTE, "包头字段的次序与标准不同"
    REPEATED_HEAD_FIELD = "repeated_head_field", Severity.LENIENT, "包头字段重复，内容相同"
    CONFLICTING_HEAD_FIELD = "conflicting_head_field", Severity.FATAL, "包头字段重复而内容不同，不知以哪个为准"
    UNKNOWN_HEAD_FIELD = "unknown_head_field", Severity.NOTE, "包头中有该版本没有的字段"
    CONTROL_CHARACTERS = "control_characters", Severity.LENIENT, "文字中有控制字符"
    BLANKS = "blanks", Severity.NOTE, "字段前后有多余空格"
    # CP
    NOT_UTF8 = "not_utf8", Severity.LENIENT, "包头或数据区不是 UTF-8 文字"
    NO_DATA_TIME = "no_data_time", Severity.FATAL, "监测数据没有数据时间 DataTime"
    PART_WITHOUT_TIME = "part_without_time", Severity.LENIENT, "拆开的后续包没有数据时间，须与前面的包合并"
    BAD_DATA_TIME = "bad_data_time", Severity.FATAL, "数据时间 DataTime 不是有效时间"
    DATA_TIME_FORM = "data_time_form", Severity.LENIENT, "数据时间 DataTime 不是 14 位"
    FUTURE_TIME = "future_time", Severity.FATAL, "数据时间晚于接收时间"
    TEXT_NOT_CLOSED = "text_not_closed", Severity.LENIENT, "“//”没有成对"
    BROKEN_ITEM = "broken_item", Severity.LENIENT, "数据项没有“名=值”的形式（前一个值若被逗号切断，整个不用）"
    EMPTY_ITEM = "empty_item", Severity.NOTE, "有空的数据项（多余的分号或逗号）"
    SUB_ITEM_CASE = "sub_item_case", Severity.LENIENT, "子项或字段名的大小写与标准不同"
    FLAG_CASE = "flag_case", Severity.NOTE, "数据标记用了小写字母"
    DUPLICATE_ITEM = "duplicate_item", Severity.NOTE, "同一数据项出现多次，取最后一次"
    COMMA_BETWEEN_FIELDS = "comma_between_fields", Severity.LENIENT, "字段之间用了逗号"
    COMMA_BETWEEN_ITEMS = "comma_between_items", Severity.LENIENT, "不同因子之间用了逗号"
    CODE_CASE = "code_case", Severity.LENIENT, "因子编码用了大写字母"
    CODE_FORM = "code_form", Severity.NOTE, "因子编码的介质字母后不是 5 位数字，或含有字母、数字以外的字符"
    CODE_WITHOUT_LETTER = "code_without_letter", Severity.LENIENT, "因子编码缺少介质字母，按同组因子归并"
    FRAME_WIDE_FLAG = "frame_wide_flag", Severity.NOTE, "数据标记没有因子编码，对全包有效"
    NOT_A_NUMBER = "not_a_number", Severity.LENIENT, "监测值不是数"
    NUMBER_FORM = "number_form", Severity.NOTE, "监测值带正号、用科学计数法，或小数点前后没有数字"
    NEGATIVE_CONCENTRATION = "negative_concentration", Severity.NOTE, "浓度为负（照原样留存）"
    ABSURD_NUMBER = "absurd_number", Severity.LENIENT, "监测值位数远超任何因子的数据类型"
    SEPARATORS_IN_TEXT = "separators_in_text", Severity.LENIENT, "“//”之间的文字含有分隔符，或数据区中有 &&"
    # meaning
    UNKNOWN_COMMAND = "unknown_command", Severity.NOTE, "该版本的命令表中没有此命令"
    UNKNOWN_SYSTEM = "unknown_system", Severity.NOTE, "系统编码表中没有此 ST"
    CONTENT_SHAPE = "content_shape", Severity.NOTE, "数据区的内容不是此命令应有的字段"
    UNKNOWN_FIELD = "unknown_field", Severity.NOTE, "字段表中没有此字段"
    UNKNOWN_SUB_ITEM = "unknown_sub_item", Severity.NOTE, "因子的子项不在该版本的表中"
    VALUE_RANGE = "value_range", Severity.NOTE, "字段的值超出标准规定的范围或形式"
    UNKNOWN_FLAG = "unknown_flag", Severity.NOTE, "数据标记不在该版本的标记表中"

    severity: Severity
    text_zh: str

    def __new__(cls, identifier: str, severity: Severity, text_zh: str) -> Deviation:
        member = object.__new__(cls)
        member._value_ = identifier
        member.severity = severity
        member.text_zh = text_zh
        return member

    def __str__(self) -> str:
        return str(self.value)


def is_fatal(deviations: tuple[Deviation, ...]) -> bool:
    """Whether the values of a piece with these deviations must not be used."""
    return any(deviation.severity is Severity.FATAL for deviation in deviations)
